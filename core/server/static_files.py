"""Whether the static files that servers hand out are those of this version. Needs no Django, so that a start can ask first."""

import hashlib
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
ROOT = BASE / "staticfiles"
STAMP = ROOT / ".collected"


def are_collected() -> bool:
    """Whether nothing changed since `mark_collected`. Django's own check of all files takes longer than the rest of a start."""
    return STAMP.exists() and STAMP.read_text() == _state()


def mark_collected() -> None:
    """Notes what was collected, so that nothing is collected twice."""
    STAMP.write_text(_state())


def _state() -> str:
    """Our own files by name, size and time, and what is installed."""
    state = hashlib.sha256()
    for path in sorted(BASE.glob("*/static/**/*")):
        seen = path.stat()
        state.update(f"{path}|{seen.st_size}|{seen.st_mtime_ns}\n".encode())
    for path in sorted(BASE.glob("requirements*")):
        state.update(path.read_bytes())
    return state.hexdigest()
