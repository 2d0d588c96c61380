"""Connections that are checked before use, and that know when the outcome of a write is unknown.

Django finds this module by the setting ENGINE, `core.database.postgresql`.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg2
from django.db import InterfaceError, OperationalError
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from core import kept_lock
from core.database.errors import OutcomeUnknown, is_told, pgcode
from core.database.prepared_statements import STALE, forget_statements

# Seconds after a check for which a connection is not queried again; its socket still shows when the server has ended it.
RESTED_S = 3.0
# Part of the warning (not an error) that PostgreSQL sends when a COMMIT stopped waiting for its standby: the primary has
# committed, but the commit is lost if that machine is lost now. `statement_timeout` and pg_cancel_backend end the wait.
ONLY_HERE = "might not have been replicated"
# Beginnings of statements that write nothing; names from core.database.compiled_queries begin with `read_`.
READS = (b"SELECT", b"EXECUTE READ_", b"PREPARE", b"DISCARD PLANS", b"DEALLOCATE")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, which also notices dead connections before use, and raises OutcomeUnknown for a doubtful COMMIT."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whether, since `core.database.errors.begin_call`, something was committed, or a statement outside a transaction
        # lost its connection.
        self.may_have_written = False
        self.asked_at = 0.0
        # The number of commits so far; core.database.replica compares it to notice the commits of its own view.
        self.commits = 0

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return Watch(self)

    def connect(self) -> None:
        super().connect()
        self.asked_at = time.monotonic()

    def is_usable(self) -> bool:
        """Whether the connection works. It checks the socket, and makes a query after a rest."""
        if self.connection is None or was_ended(self.connection):
            return False
        if not self.errors_occurred and time.monotonic() - self.asked_at < RESTED_S:
            return True
        usable = super().is_usable()
        self.asked_at = time.monotonic()
        return usable

    def _commit(self) -> None:
        if self.connection is None:
            return
        del self.connection.notices[:]
        try:
            with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                self.connection.commit()
        except (OperationalError, InterfaceError) as error:
            if is_told(error):
                raise
            raise OutcomeUnknown(str(error)) from error.__cause__
        self.may_have_written = True
        self.commits += 1
        if any(ONLY_HERE in notice for notice in self.connection.notices):
            raise OutcomeUnknown("committed here, and not known to have reached the standby")


class Watch(DatabaseErrorWrapper):
    """Records that a statement outside a transaction lost its connection, unless the statement only read."""

    def __init__(self, wrapper: DatabaseWrapper) -> None:
        super().__init__(wrapper)
        self.of: Any = wrapper

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is not None and self.of.autocommit and self.of.connection is not None:
            lost = issubclass(exc_type, (self.of.Database.OperationalError, self.of.Database.InterfaceError))
            if lost and not is_told(exc_value) and not only_read(exc_value):
                self.of.may_have_written = True
        if exc_value is not None and pgcode(exc_value) in STALE:
            forget_statements(self.of.connection)
        super().__exit__(exc_type, exc_value, traceback)


def only_read(error: Any) -> bool:
    """Whether the statement of psycopg2's error was a query, or prepared one."""
    statement = getattr(getattr(error, "cursor", None), "query", None) or b""
    return bytes(statement).lstrip()[:20].upper().startswith(READS)


def was_ended(raw: Any) -> bool:
    """Whether the server has ended the connection. It only looks at the socket, without a query.

    A connection at rest has nothing to read. Where there is something, it is the end, or the server's last message.
    """
    try:
        return kept_lock.has_something(raw.fileno())
    except psycopg2.Error:
        return True
