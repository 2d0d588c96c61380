"""A PostgreSQL of its own for a measurement that needs no server process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.local.embedded import Postgres


@contextmanager
def own_database(name: str, settings: Mapping[str, str]) -> Iterator[None]:
    """Starts a PostgreSQL with these settings, and Django with its tables on it, for the block. `name` is for its folder."""
    with tempfile.TemporaryDirectory(prefix=f"staynest-{name}-") as directory:
        Path(directory).chmod(0o711)
        postgres = Postgres(Path(directory) / "pg", settings)
        postgres.start()
        try:
            settle(postgres.url())
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
            yield
        finally:
            postgres.stop()


def settle(url: str) -> None:
    """Sets the environment that Django reads, for this database."""
    os.environ |= {
        "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "bench-" + "x" * 50, "HTTPS": "0",
        "ALLOWED_HOSTS": "localhost", "ENV_FILE": os.devnull, "STATEMENT_TIMEOUT_MS": "0",
        "DJANGO_SETTINGS_MODULE": "core.settings",
    }  # fmt: skip
    import django

    django.setup()
