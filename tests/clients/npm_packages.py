"""Node's packages for the schema tests: pinned in npm/package-lock.json, installed once, when they are first needed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "npm"
MODULES = FOLDER / "node_modules"
INSTALL_S, RUN_S = 300, 180
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


@cache
def why_not() -> str:
    """Why Node's packages can't be had; "" where they are there. Installs them, which takes a minute the first time."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "No Node or npm"
    with (FOLDER / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed() and not install():
            return "npm could not install tests/clients/npm"
    return ""


def is_installed() -> bool:
    stamp = MODULES / ".of-lock"
    return stamp.exists() and stamp.read_text() == lock_digest()


def install() -> bool:
    try:
        done = subprocess.run(INSTALL, cwd=FOLDER, timeout=INSTALL_S, check=False, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode == 0:
        (MODULES / ".of-lock").write_text(lock_digest())
    return done.returncode == 0


def lock_digest() -> str:
    return hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()


def run_node(name: str, *arguments: str | Path, cwd: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """Runs one of the installed commands, or `node` itself; what it says, both streams together."""
    program = "node" if name == "node" else str(MODULES / ".bin" / name)
    command = [program, *map(str, arguments)]
    environment = os.environ | {"NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(
        command, cwd=cwd, env=environment, timeout=RUN_S, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
