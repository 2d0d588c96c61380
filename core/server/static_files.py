"""Knows whether the static files on disk are those of this version. It needs no Django, so a start can ask it first."""

import hashlib
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
ROOT = BASE / "staticfiles"
STAMP = ROOT / ".collected"


def are_collected() -> bool:
    """Whether nothing has changed since `mark_collected`. Django's own check of all files takes longer than the whole start."""
    return STAMP.exists() and STAMP.read_text() == _state()


def mark_collected() -> None:
    """Records the state that was collected, so that nothing is collected twice."""
    STAMP.write_text(_state())


def _state() -> str:
    """Returns the state of our own files (name, size, time) and of the installed packages."""
    state = hashlib.sha256()
    for path in sorted(BASE.glob("*/static/**/*")):
        seen = path.stat()
        state.update(f"{path}|{seen.st_size}|{seen.st_mtime_ns}\n".encode())
    for path in sorted(BASE.glob("requirements*")):
        state.update(path.read_bytes())
    return state.hexdigest()
