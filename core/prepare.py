"""Makes a database ready for this version: tables, static files and, unless DEMO=0, the demo.

python -m core.prepare
"""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import Error

from core import environment


def collect_static() -> None:
    """Only where something changed since the last time: looking at every file takes longer than all the rest."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    now = static_state()
    if stamp.exists() and stamp.read_text() == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(now)


def static_state() -> str:
    """Our own files by name, size and time, and what is installed."""
    state = hashlib.sha256()
    for path in sorted(settings.BASE_DIR.glob("*/static/**/*")):
        seen = path.stat()
        state.update(f"{path}|{seen.st_size}|{seen.st_mtime_ns}\n".encode())
    for name in ("requirements.txt", "requirements-dev.txt"):
        state.update((settings.BASE_DIR / name).read_bytes())
    return state.hexdigest()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    try:
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        collect_static()
        if environment.flag("DEMO", True):
            call_command("seed_demo")
    except (CommandError, Error, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
