"""Makes the tables that all processes of a test run copy, while they collect: `python -m tests.tables`.

The run's first process starts it with `start`; it holds `tables.lock` until it ends.
"""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

SOURCE, IN_MAKING = "tables_of_all", "tables_in_making"
ROOT = Path(__file__).resolve().parent.parent


def lock() -> Path:
    """The lock file: a process locks it while it makes or copies the tables."""
    return Path(os.environ["TEST_DIR"], "tables.lock")


def start() -> subprocess.Popen[bytes]:
    """Starts the migration in a child process. If it fails, `SOURCE` does not exist, and the first test process makes it."""
    from core.local.embedded import die_with_parent

    with lock().open("w") as held, lock().with_suffix(".log").open("wb") as log:
        fcntl.flock(held, fcntl.LOCK_EX)
        os.set_inheritable(held.fileno(), True)
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.tables"],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "STATEMENT_TIMEOUT_MS": "0"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[held.fileno()],
            preexec_fn=die_with_parent(signal.SIGKILL),
        )


def main() -> None:
    # Each operation makes the models anew; looking for those of before takes a fifth of the time, and no memory is short.
    gc.disable()
    import django
    import psycopg2
    from django.core.management import call_command
    from django.db import connection

    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {IN_MAKING}")
    os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{IN_MAKING}"
    django.setup()
    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    connection.close()
    with server.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {IN_MAKING} RENAME TO {SOURCE}")


if __name__ == "__main__":
    main()
