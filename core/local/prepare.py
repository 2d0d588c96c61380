"""Makes a database ready for this version: tables, static files and, unless DEMO=0, the demo.

    python -m core.local.prepare [--static]

With --static only the static files: a server reads what there is of them once, while it loads.
"""

import os
import sys

import django
from django.core.management import CommandError, call_command
from django.db import Error

from core import environment
from core.server import static_files


def collect_static() -> None:
    """Collects static files, where any changed since the last time."""
    if not static_files.are_collected():
        call_command("collectstatic", verbosity=0, interactive=False)
        static_files.mark_collected()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    try:
        django.setup()
        collect_static()
        if "--static" in sys.argv[1:]:
            return 0
        call_command("migrate", verbosity=0, interactive=False)
        if environment.flag("DEMO", True):
            call_command("seed_demo")
    except (CommandError, Error, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
