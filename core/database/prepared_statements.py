"""Statements that PostgreSQL plans once for each connection.

psycopg2 sends every statement as text, and PostgreSQL parses and plans it each time. For the statements of a move that is a
third of the database's time. A prepared statement is planned once a connection, generically, and again after a while: a
plan that was made for a small table is bad once the table has grown, and until the next ANALYZE PostgreSQL does not notice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection

# Seconds that a connection's first plans last; each later set lasts twice as long, up to the second figure. A table that
# grows steadily is thus never much larger than when its plan was made.
PLANS_LAST_S, PLANS_LAST_AT_MOST_S = 2.0, 16.0
# PostgreSQL's codes for a prepared statement that holds no longer: a column that it reads has another type now, or the
# statement is gone.
STALE = frozenset({"0A000", "26000"})
PARAMETER = re.compile(r"\$(\d+)")


class Query(NamedTuple):
    """A statement with its parameters."""

    statement: Prepared
    params: Sequence[Any]


class Plans:
    """When a connection last planned its statements, and how many seconds these plans last."""

    __slots__ = ("last_s", "made_at")

    def __init__(self) -> None:
        self.made_at, self.last_s = time.monotonic(), 0.0

    def are_old(self) -> bool:
        """Whether it is time to plan again. After True the plans count as new from now on."""
        now, last_s = time.monotonic(), max(self.last_s, PLANS_LAST_S)
        if now - self.made_at < last_s:
            return False
        self.made_at, self.last_s = now, min(2 * last_s, PLANS_LAST_AT_MOST_S)
        return True


class Known:
    """The statements that one connection has prepared, and the age of their plans."""

    __slots__ = ("are_stale", "names", "plans")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.are_stale = False
        self.plans = Plans()


_known: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()

# Makes plans use indexes, so that a look-up by id does not read the whole table where the plan was made for an empty one.
BY_INDEX = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);"
)


def _adapted(kind: str, value: Any) -> Any:
    if kind in ("json", "jsonb") and isinstance(value, bytes):
        return value.decode()
    if kind.endswith("[]") and value is not None:
        return [_adapted(kind[:-2], one) for one in value]
    return value


class Prepared:
    """A statement with the parameters `$1`, `$2` … of the given `types`. `answers` says whether the caller wants its rows."""

    def __init__(self, name: str, types: Sequence[str], sql: str, *, answers: bool = True) -> None:
        self.name, self.types, self.sql, self.answers = name, tuple(types), sql, answers
        self.definition = f"PREPARE {name} ({', '.join(types)}) AS {sql}" if types else f"PREPARE {name} AS {sql}"
        places = [f"%s::{kind}" if kind.endswith("[]") else "%s" for kind in types]
        self.call = f"EXECUTE {name} ({', '.join(places)})" if types else f"EXECUTE {name}"
        # The same statement for psycopg2 without preparing; its parameters are called p1, p2 …
        self.text = PARAMETER.sub(r"%(p\1)s", sql.replace("%", "%%"))

    def __call__(self, *params: Any) -> Query:
        """Returns the statement with these parameters."""
        return Query(self, params)

    def adapted(self, params: Sequence[Any]) -> list[Any]:
        """Returns the parameters as psycopg2 needs them: it sends bytes always as bytea, so JSON becomes text."""
        return [_adapted(kind, value) for kind, value in zip(self.types, params, strict=True)]

    def on_this_connection(self) -> str:
        """Prepares the statement on this thread's connection if needed; returns its call, with a %s for each parameter."""
        connection.ensure_connection()
        known = _known.get(connection.connection)
        if known is None:
            known = _known[connection.connection] = Known()
        if known.are_stale:
            _tell("DEALLOCATE ALL")
            known.names.clear()
            known.are_stale = False
        if known.plans.are_old():
            _tell("DISCARD PLANS")
        if self.name not in known.names:
            _tell(self.definition)
            known.names.add(self.name)
        return self.call


def forget_statements(raw: Any) -> None:
    """Lets this connection of psycopg2 prepare all its statements again. PostgreSQL hears of it before the next one is used."""
    if (known := _known.get(raw)) is not None:
        known.are_stale = True


def _tell(sql: str) -> None:
    """Runs what is no query of the caller's, past Django's count of those."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql)
