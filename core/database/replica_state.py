"""Decides whether the replica may be read now: whether it answers, and has replayed everything that the reader must see."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from prometheus_client import Counter

from core.database.cutting import Alarm
from core.database.errors import ABSENT, is_told
from core.database.postgresql.base import was_ended
from core.database.session_limits import REPLICA

log = logging.getLogger(__name__)
# Seconds by which a page for a visitor who is not signed in may be behind.
LAG_S = 5.0
# Seconds for which a replica is left alone: REST_S after a failure, twice as long after each further one, at most
# LONGEST_REST_S; BEHIND_S where it was only behind.
REST_S, LONGEST_REST_S, BEHIND_S = 2.0, 60.0, 1.0
# Seconds that a reader waits before each look at a replica that may be some milliseconds behind.
PATIENCE_S = (0.0, 0.002, 0.005, 0.01, 0.02)

# Reads how far the primary is. With synchronous_commit off, other transactions see a commit before it is flushed to disk, so
# the insert position counts.
PRIMARY_AT = """
SELECT CASE current_setting('synchronous_commit')
       WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END::text
"""
# Reads whether the replica has replayed a position; NULL where the server is not, or no longer, a replica.
REPLICA_HAS = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= %s::pg_lsn END"

READS = Counter("hub_replica_reads_total", "Views that could be read from the replica, by what was done", ["outcome"])


class NoReplica(Exception):
    """DATABASE_REPLICA_URL leads to a server that takes writes."""


class ReplicaState:
    """What this process knows about its replica; all threads share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.trial = threading.Lock()
        self.failures = 0
        self.rests_until = 0.0
        # (monotonic seconds, position of the primary at that time): a replica past a position is at most that old.
        self.positions: deque[tuple[float, str]] = deque()

    def visit(self, *, may_lag: bool) -> Alarm | None:
        """Returns an alarm over this thread's connection to the replica, for a view that may read it now; else None.

        Raises the errors of the primary, which it asks for its position.
        """
        if time.monotonic() < self.rests_until:
            return self._said("resting", None)
        if not self.failures:
            return self._try(may_lag)
        # After a failure only one reader tries the replica; the others use the primary and do not wait.
        if not self.trial.acquire(blocking=False):
            return self._said("resting", None)
        try:
            return self._try(may_lag)
        finally:
            self.trial.release()

    def failed(self, error: Exception) -> None:
        """Makes all threads leave the replica alone for a while, unless the replica only refused this one statement."""
        connections[REPLICA].close()
        READS.labels("failed").inc()
        if isinstance(error, Error) and is_told(error):
            return
        with self.lock:
            if time.monotonic() >= self.rests_until:  # no other thread has recorded this failure yet
                rest = min(REST_S * 2**self.failures, LONGEST_REST_S)
                self.failures += 1
                self.rests_until = time.monotonic() + rest
                log.warning("the replica is left alone for %d s: %s", rest, str(error).strip() or type(error).__name__)

    def _try(self, may_lag: bool) -> Alarm | None:
        position = self.position(may_lag=may_lag)
        try:
            alarm = self._seen_past(position, (0.0,) if may_lag else PATIENCE_S)
        except (*ABSENT, NoReplica) as error:
            self.failed(error)
            return None
        self.failures = 0
        if alarm is None:
            self.rests_until = time.monotonic() + BEHIND_S
        return self._said("replica" if alarm else "behind", alarm)

    def position(self, *, may_lag: bool) -> str:
        """Returns the position that the replica must have replayed: the primary's now, or at most `LAG_S` seconds ago."""
        now = time.monotonic()
        with self.lock:
            while self.positions and self.positions[0][0] < now - LAG_S:
                self.positions.popleft()
            if may_lag and self.positions:
                return self.positions[0][1]
        (position,) = _ask(DEFAULT_DB_ALIAS, PRIMARY_AT)
        with self.lock:
            if not self.positions or now - self.positions[-1][0] > LAG_S / 8:
                self.positions.append((now, position))
        return str(position)

    def _seen_past(self, position: str, patience: tuple[float, ...]) -> Alarm | None:
        """Returns an alarm over this thread's connection, where the replica has replayed `position`; else None."""
        alarm = Alarm(_connected().connection)
        has = False
        try:
            for pause in patience:
                time.sleep(pause)
                (has,) = _ask(REPLICA, REPLICA_HAS, position)
                if has is None:
                    raise NoReplica("DATABASE_REPLICA_URL leads to a server that is no replica")
                if has:
                    return alarm
        finally:
            if not has:
                alarm.stop()
        return None

    def _said(self, outcome: str, alarm: Alarm | None) -> Alarm | None:
        READS.labels(outcome).inc()
        return alarm


def _connected() -> Any:
    """Returns this thread's connection to the replica, a new one where the old one has ended."""
    connection: Any = connections[REPLICA]
    if connection.connection is not None and was_ended(connection.connection):
        connection.close()
    connection.ensure_connection()
    return connection


def _ask(alias: str, sql: str, *params: Any) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


state = ReplicaState()
