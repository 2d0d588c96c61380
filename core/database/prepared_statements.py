"""Statements that a connection plans once.

psycopg2 sends every statement as text, which PostgreSQL parses and plans anew: for the statements of a move that is a
third of the database's time. A prepared one is planned once a connection, generically, and again after a while: a plan
made while a table was small is a bad one when it has grown, and until the next ANALYZE nothing else would tell.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection

# A connection's first plans last so long, the next ones twice as long each, up to the second figure: a table that grows
# steadily is never much larger than it was when a plan for it was made.
PLANS_LAST_S, PLANS_LAST_AT_MOST_S = 2.0, 16.0
PARAMETER = re.compile(r"\$(\d+)")


class Query(NamedTuple):
    """A statement with its parameters."""

    statement: Prepared
    params: Sequence[Any]


class Plans:
    """When a connection last planned its statements, and how long these plans last (seconds)."""

    __slots__ = ("last_s", "made_at")

    def __init__(self) -> None:
        self.made_at, self.last_s = time.monotonic(), 0.0

    def are_old(self) -> bool:
        """Whether it is time to plan afresh; asked again, the new plans count from now on."""
        now, last_s = time.monotonic(), max(self.last_s, PLANS_LAST_S)
        if now - self.made_at < last_s:
            return False
        self.made_at, self.last_s = now, min(2 * last_s, PLANS_LAST_AT_MOST_S)
        return True


class Known:
    """The statements that one connection has prepared, and their plans."""

    __slots__ = ("names", "plans")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.plans = Plans()


_known: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()

# Looking rows up by id must stay a look-up, also in a plan made while a table was still empty.
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
    """A statement with `$1`, `$2` … of the given `types`. `answers`: whether its rows are wanted."""

    def __init__(self, name: str, types: Sequence[str], sql: str, *, answers: bool = True) -> None:
        self.name, self.types, self.sql, self.answers = name, tuple(types), sql, answers
        self.definition = f"PREPARE {name} ({', '.join(types)}) AS {sql}" if types else f"PREPARE {name} AS {sql}"
        places = [f"%s::{kind}" if kind.endswith("[]") else "%s" for kind in types]
        self.call = f"EXECUTE {name} ({', '.join(places)})" if types else f"EXECUTE {name}"
        # The same for psycopg2 without preparing, its parameters called p1, p2 …
        self.text = PARAMETER.sub(r"%(p\1)s", sql.replace("%", "%%"))

    def __call__(self, *params: Any) -> Query:
        """The statement with these parameters."""
        return Query(self, params)

    def adapted(self, params: Sequence[Any]) -> list[Any]:
        """The parameters for psycopg2, to which bytes are always a bytea."""
        return [_adapted(kind, value) for kind, value in zip(self.types, params, strict=True)]

    def on_this_connection(self) -> str:
        """Its call, with a %s for each parameter, once this thread's connection knows the statement."""
        connection.ensure_connection()
        known = _known.get(connection.connection)
        if known is None:
            known = _known[connection.connection] = Known()
        if known.plans.are_old():
            with connection.cursor() as cursor:
                cursor.execute("DISCARD PLANS")
        if self.name not in known.names:
            with connection.cursor() as cursor:
                cursor.execute(self.definition)
            known.names.add(self.name)
        return self.call
