"""The JavaScript client's own logic, in the Node that Playwright brings along."""

import subprocess
from pathlib import Path

import playwright

NODE = Path(playwright.__file__).parent / "driver" / "node"
SCRIPTS = Path(__file__).parent / "js"


def test_the_client_and_the_rooms_arithmetic_hold_in_node() -> None:
    """Every `*.test.mjs` of the folder; the output of a failure is Node's own."""
    files = [str(file) for file in sorted(SCRIPTS.glob("*.test.mjs"))]
    run = subprocess.run([NODE, "--test", *files], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
