"""Reads that may lag: by somebody who shows no credentials, from the replica where DATABASE_REPLICA_URL names one.

Whoever signs in is read from the primary, and so sees what they wrote. A replica that is away is left alone for some
seconds, and the primary answers.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.database.errors import ABSENT

log = logging.getLogger(__name__)
REPLICA = "replica"
REST_S = 5.0

_may_lag: ContextVar[bool] = ContextVar("may_lag", default=False)
_rests_until = 0.0


class ReplicaRouter:
    """Named by DATABASE_ROUTERS: models are read and written at the primary; only `reading` leads elsewhere."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Tables come to a replica by replication."""
        return False if db == REPLICA else None


@contextlib.contextmanager
def reads_may_lag(may: bool) -> Iterator[None]:
    """For the `with` block, in this context."""
    before = _may_lag.set(may)
    try:
        yield
    finally:
        _may_lag.reset(before)


def reading() -> BaseDatabaseWrapper:
    """The connection for a query that only reads, and changes nothing if it sees the state of a moment ago."""
    global _rests_until
    if _may_lag.get() and REPLICA in connections.settings and time.monotonic() >= _rests_until:
        try:
            connections[REPLICA].ensure_connection()
        except ABSENT as error:
            log.warning("the replica is left alone for some seconds: %s", str(error).strip())
            _rests_until = time.monotonic() + REST_S
        else:
            return connections[REPLICA]
    return connections[DEFAULT_DB_ALIAS]
