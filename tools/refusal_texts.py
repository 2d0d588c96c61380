"""Finds the texts of refusals in Python. No gettext call marks them, because they are translated where they are shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# Calls that take the text of a refusal: `said`, the errors, and the functions that make an error in some modules.
CALLS = frozenset({
    "DomainError", "Said", "ValidationError", "_bad", "_bad_date", "_bad_meal", "_limit",
    "_refuse", "_wrong", "exceeded", "invalid", "pause", "refuse", "said",
})  # fmt: skip
SAID = frozenset({"Said", "said"})
# Names of tables that hold such texts.
TABLES = frozenset({"CHOICES", "WORDS", "_LENGTHS"})
# Arguments with facts for machines, which are no text for people.
NOT_SAID = frozenset({"params", "code"})
FILLED_IN = re.compile(r"\{(\w+)\}")


def texts_of_refusals(source: str) -> Iterator[str]:
    """Yields the texts as the catalogue has them: `{most}` of the REST framework is `%(most)s`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node) in CALLS:
            least_words = 1 if name_of(node) in SAID else 2
            for part in arguments(node):
                yield from (text for text in _texts(part) if len(text.split()) >= least_words)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_table(node):
            yield from (FILLED_IN.sub(r"%(\1)s", text) for text in _texts(node.value) if " " in text)


def name_of(call: ast.Call) -> str:
    """Returns the name of the called function, without the part before the dot."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def arguments(call: ast.Call) -> list[ast.expr]:
    """Returns the arguments that may hold a text; for `said` only the first."""
    if name_of(call) in SAID:
        return call.args[:1]
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in NOT_SAID)]


def _texts(part: ast.expr) -> Iterator[str]:
    """Yields the constant texts, without those in calls inside, whose arguments are values."""
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        yield part.value
    inside = part.values if isinstance(part, ast.Dict) else ast.iter_child_nodes(part)
    if not isinstance(part, ast.Call | ast.JoinedStr | ast.Subscript):
        for child in inside:
            if isinstance(child, ast.expr):
                yield from _texts(child)


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id in TABLES for target in targets)
