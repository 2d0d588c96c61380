"""Pages and lists that only read, from the replica that DATABASE_REPLICA_URL names; everything else from the primary.

Requests of signed-in users go to the replica only where it has all that was committed when the request began, so that they see
their own writes and what they were told live. A visitor's page may be `LAG_S` old. A replica that is away, behind or silent
costs a moment, and the primary answers. Sign-ins, moves and reads before a write always go to the primary.
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
    """One run of a view that only reads: where it reads from, chosen at its first query."""

    __slots__ = ("alarm", "alias", "commits", "may_lag")

    def __init__(self, *, may_lag: bool) -> None:
        self.may_lag = may_lag
        self.alias = ""
        self.commits = 0
        self.alarm: Alarm | None = None

    def choose(self) -> str:
        """The alias to read from: chosen again once this thread has committed something itself."""
        primary: Any = connections[DEFAULT_DB_ALIAS]
        if not self.alias or primary.commits != self.commits:
            self.end()
            self.alarm, self.commits = state.visit(may_lag=self.may_lag), primary.commits
            self.alias = REPLICA if self.alarm else DEFAULT_DB_ALIAS
        return self.alias

    def end(self) -> None:
        """Ends the visit: its connection is no longer cut."""
        if self.alarm is not None:
            self.alarm.stop()


_visit: ContextVar[Visit | None] = ContextVar("replica_visit", default=None)


class ReplicaRouter:
    """Named by DATABASE_ROUTERS: rows are written at the primary, and read where the view's visit reads."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        visit = _visit.get()
        return DEFAULT_DB_ALIAS if visit is None else visit.choose()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Also for a row that was read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Both are the same database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Tables come to a replica by replication."""
        return False if db == REPLICA else None


def reading() -> Any:
    """The connection for a hand-written query that only reads."""
    visit = _visit.get()
    return connections[DEFAULT_DB_ALIAS if visit is None else visit.choose()]


def reads_replica(view: Callable[P, T]) -> Callable[P, T]:
    """For a view, or a part of one, that only reads. Its request is its first argument, or the one after `self`.

    Where the replica fails under it, it is run once more, at the primary.
    """

    @functools.wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        if REPLICA not in connections.settings:
            return view(*args, **kwargs)
        visit = Visit(may_lag=not _user_of(args).is_authenticated)
        before = _visit.set(visit)
        try:
            return view(*args, **kwargs)
        except (*ABSENT, InternalError) as error:  # InternalError: a write, which no replica takes
            if visit.alias != REPLICA:
                raise
            state.failed(error)
        finally:
            _visit.reset(before)
            visit.end()
        return view(*args, **kwargs)

    return wrapped


def _user_of(args: tuple[Any, ...]) -> Any:
    """The account, looked up at the primary: a sign-in that has ended ends at once."""
    return next(one for one in args[:2] if hasattr(one, "META")).user
