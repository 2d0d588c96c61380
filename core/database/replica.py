"""Reads pages and lists from the replica that DATABASE_REPLICA_URL names; everything else uses the primary.

A request of a signed-in user reads the replica only where it has everything that was committed when the request began, so
that users see their own writes and what they were told live. A visitor's page may be `LAG_S` seconds old. Where the replica
is away, behind or silent, the primary answers a moment later. Sign-ins, moves and reads before a write always go to the
primary.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InternalError, connections

from core.database.cutting import Alarm
from core.database.errors import ABSENT
from core.database.replica_state import state
from core.database.session_limits import REPLICA

P = ParamSpec("P")
T = TypeVar("T")


class Visit:
    """One run of a view that only reads. Its first query chooses where the run reads from."""

    __slots__ = ("alarm", "alias", "commits", "may_lag")

    def __init__(self, *, may_lag: bool) -> None:
        self.may_lag = may_lag
        self.alias = ""
        self.commits = 0
        self.alarm: Alarm | None = None

    def choose(self) -> str:
        """Returns the alias to read from. It is chosen again after this thread has committed something itself."""
        primary: Any = connections[DEFAULT_DB_ALIAS]
        if not self.alias or primary.commits != self.commits:
            self.end()
            self.alarm, self.commits = state.visit(may_lag=self.may_lag), primary.commits
            self.alias = REPLICA if self.alarm else DEFAULT_DB_ALIAS
        return self.alias

    def end(self) -> None:
        """Ends the visit: from now on nothing cuts its connection."""
        if self.alarm is not None:
            self.alarm.stop()


_visit: ContextVar[Visit | None] = ContextVar("replica_visit", default=None)


class ReplicaRouter:
    """The router in DATABASE_ROUTERS: it sends writes to the primary, and reads to where the view's visit reads."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        visit = _visit.get()
        return DEFAULT_DB_ALIAS if visit is None else visit.choose()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Writes go to the primary, also for a row that was read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allows every relation: primary and replica hold the same data."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Forbids migrations on the replica, which gets its tables by replication."""
        return False if db == REPLICA else None


def reading() -> Any:
    """Returns the connection for a hand-written query that only reads."""
    visit = _visit.get()
    return connections[DEFAULT_DB_ALIAS if visit is None else visit.choose()]


def reads_replica(view: Callable[P, T]) -> Callable[P, T]:
    """Decorates a view that only reads, or a part of one. Its request is its first argument, or the one after `self`.

    Where the replica fails during the view, the view runs once more, at the primary.
    """

    @functools.wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        if REPLICA not in connections.settings:
            return view(*args, **kwargs)
        visit = Visit(may_lag=not _user_of(args).is_authenticated)
        before = _visit.set(visit)
        try:
            return view(*args, **kwargs)
        except (*ABSENT, InternalError) as error:  # InternalError: the view tried to write, which no replica allows
            if visit.alias != REPLICA:
                raise
            state.failed(error)
        finally:
            _visit.reset(before)
            visit.end()
        return view(*args, **kwargs)

    return wrapped


def _user_of(args: tuple[Any, ...]) -> Any:
    """Returns the account, read from the primary, so that a sign-in that has ended has no effect any more."""
    return next(one for one in args[:2] if hasattr(one, "META")).user
