"""The scripts in findings/ keep the form that findings/README.md states. They are not run here: they install packages."""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
TABLE = (FOLDER / "README.md").read_text().split("## The form")[0]
PARTS = (
    "#!/usr/bin/env bash",
    "# Expected:",
    "# Happens:",
    "# Source:",
    "# Here:",
    "set -euo pipefail",
    "mktemp -d",
    "exit 1",
)


def unpinned(text: str) -> list[str]:
    """The packages in a script's install commands that stand without an exact version."""
    found = []
    for command in re.findall(r"^.*(?:pip\S* install|npm install)\s.*$", text.replace("\\\n", " "), re.MULTILINE):
        words = re.split(r"\binstall\b", command, maxsplit=1)[1].split()
        named = [word.strip("'\"") for word in words if not word.startswith("-") and word[:1] in "'\""]
        found += [word for word in named if "$" not in word and not re.search(r"==\d|.@\d", word)]
    return found


def test_the_look_at_versions_finds_a_package_without_one():
    assert unpinned("\"$folder/venv/bin/pip\" install -q 'a==1.2' \"b\" 'c>=3'\n") == ["b", "c>=3"]
    assert unpinned("npm install --prefix \"$folder\" '@scope/a@1.2.3' 'b'\n") == ["b"]


def test_each_line_of_the_table_has_its_script():
    assert set(re.findall(r"\(([\w.-]+\.sh)\)", TABLE)) == {script.name for script in SCRIPTS}


def test_each_finding_keeps_the_form():
    for script in SCRIPTS:
        text = script.read_text()
        assert os.access(script, os.X_OK), f"chmod +x findings/{script.name}"
        assert not [part for part in PARTS if part not in text], script.name
        assert not unpinned(text), script.name
