"""What is done after a commit."""

import ast

from tests.servers import ROOT

APPS = ("core", "accounts", "properties", "bookings", "negotiation")


def test_what_runs_after_a_commit_has_a_name() -> None:
    """Django names a robust function that failed by its `__qualname__`; a partial has none, and what follows is dropped."""
    nameless = []
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "on_commit":
                given = call.args[0]
                if isinstance(given, ast.Call) and "partial" in ast.unparse(given.func):
                    nameless.append(f"{path}:{call.lineno}")
    assert nameless == []
