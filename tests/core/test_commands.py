"""manage.py by hand: the tests through it, and settings at fault told in one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from core.local.pytest_runner import as_path
from tests.servers import ROOT

# What a server loads once somebody needs it: they take as long as all the rest, and half as much memory again.
LATE = ("mcp", "pydantic", "numpy", "aiohttp", "daphne", "autobahn", "webauthn")


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_manage_test_runs_pytest_and_fails_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    good = manage("test", "tests.core.test_logs.test_a_ticket_never_reaches_a_log")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "1 passed" in good.stdout
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(SystemExit) as end:
        call_command("test", "tests.core.test_logs")
    assert end.value.code == 1


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("tests.core", "tests/core"),
        ("tests.core.test_logs", "tests/core/test_logs.py"),
        ("tests.core.test_logs.test_x", "tests/core/test_logs.py::test_x"),
        ("tests/core/test_logs.py::test_x", "tests/core/test_logs.py::test_x"),
        ("tests", "tests"),
    ],
)
def test_labels_are_paths_or_dotted_names(label: str, path: str) -> None:
    assert as_path(label) == path


@pytest.mark.parametrize("command", [["manage.py", "migrate"], ["-m", "core.server.serve", "--port", "1"]])
def test_settings_at_fault_are_told_in_one_line(command: list[str]) -> None:
    environment = os.environ | {"ALLOWED_HOSTS": "", "DJANGO_SETTINGS_MODULE": "core.settings"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.strip().count("\n") == 0
    assert "ALLOWED_HOSTS is not set" in done.stderr


def test_production_imports_no_development_package() -> None:
    """The server with every package hidden that only requirements-dev.txt names; and what it loads only when needed."""
    hidden = only_in_development(ROOT)
    code = f"""
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {sorted(hidden)!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hide())
import asgi
from django.urls import get_resolver
get_resolver().url_patterns
print("too early:", [name for name in {LATE!r} if name in sys.modules])
from django.core.management import call_command, get_commands, load_command_class
for name, app in get_commands().items():
    if isinstance(app, str) and app in ("core", "accounts", "properties", "bookings", "negotiation"):
        load_command_class(app, name)
print("fine")
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "core.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().endswith("fine"), done.stderr
    assert "too early: []" in done.stdout


def only_in_development(root: Path) -> set[str]:
    """Names of modules; the packages here are called as what they bring, dashes aside."""
    lines = (root / "requirements-dev.txt").read_text().splitlines()
    names = [line.split(">")[0].split("[")[0].strip() for line in lines if line and line[0] not in "#-"]
    # drf-spectacular brings jsonschema along.
    return ({name.replace("-", "_").lower() for name in names} | {"tests"}) - {"jsonschema"}
