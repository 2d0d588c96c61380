"""Opens the lane's connections: to the same address as Django's, with settings of their own."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

from core.database.plain import lock_timeout
from core.database.pq import Opened, PsycopgError, make_conninfo
from core.database.session_limits import FORGOTTEN_MS

# Seconds to wait for a lock, where a transaction does not set another time.
LOCK_WAIT_S = 4.0

# Connection parameters that Django's wrapper adds only for psycopg2.
PSYCOPG2_ONLY = ("cursor_factory", "connection_factory", "async")
# Settings of a lane's sessions: text forms that `core.database.wire` reads, and plans by index (`prepared_statements`).
SESSION: dict[str, Any] = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "bytea_output": "hex",
    "default_transaction_isolation": "read committed",
    "lock_timeout": lock_timeout(LOCK_WAIT_S),
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


def close_late(opening: asyncio.Future[Opened]) -> None:
    """Closes a connection that was opened too late: its caller is gone."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def open_connection() -> Opened:
    """Opens a connection: resolves names, and tries the servers one after the other. Raises OperationalError.

    It blocks, so it runs in a thread.
    """
    params = {key: value for key, value in connection.get_connection_params().items() if key not in PSYCOPG2_ONLY}
    limits = {
        "statement_timeout": settings.STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": FORGOTTEN_MS if settings.STATEMENT_TIMEOUT_MS else 0,
    }
    if role := connection.settings_dict["OPTIONS"].get("assume_role"):
        limits["role"] = role
    try:
        opened = Opened.connect(make_conninfo(**params), autocommit=True, prepare_threshold=None)
        for key, value in (SESSION | limits).items():
            opened.execute("SELECT set_config(%s, %s, false)", [key, str(value)])
    except PsycopgError as error:
        raise OperationalError(str(error).strip()) from error
    return opened
