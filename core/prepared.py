"""Statements that a connection plans once.

psycopg2 sends every statement as text, which PostgreSQL parses and plans anew: for the statements of a move that is a
third of the database's time. A prepared one is planned once a connection, generically.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()

# Looking rows up by id must stay a look-up, also in a plan made while a table was still empty.
BY_INDEX = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);"
)


class Prepared:
    """A statement with `$1`, `$2` … of the given `types`."""

    def __init__(self, name: str, types: Sequence[str], sql: str) -> None:
        self.name = name
        self.definition = f"PREPARE {name} ({', '.join(types)}) AS {sql}"
        self.call = f"EXECUTE {name} ({', '.join(['%s'] * len(types))})"

    def on_this_connection(self) -> str:
        """Its call, with a %s for each parameter, once this thread's connection knows the statement."""
        connection.ensure_connection()
        known = _known.setdefault(connection.connection, set())
        if self.name not in known:
            with connection.cursor() as cursor:
                cursor.execute(self.definition)
            known.add(self.name)
        return self.call
