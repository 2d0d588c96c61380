"""Cuts an existing table into partitions, for migrations that have `atomic = False`.

The old table becomes the first partition by renaming, not by copying, so a table of any size is locked only as long as
renaming takes. Before that the rows are read once, while other transactions go on writing. A run that was interrupted can
simply be run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.database.errors import pgcode
from core.database.partitions import LOCK_WAIT, NOT_NOW, Partitioned

TRIES, PAUSE_S = 120, 0.5

# ruff: noqa: S608 - made of our own names

_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass ORDER BY c.relname
"""
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype = ANY(%s) ORDER BY conname
"""
_GRANTS = """
SELECT format('GRANT %%s ON {table} TO %%s%%s', privilege_type,
    CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner
"""


@dataclass(frozen=True, slots=True)
class Old:
    """What the uncut table had: indexes (name, definition, is it the primary key), foreign keys, primary key, grants."""

    indexes: Sequence[tuple[str, str, bool]]
    foreign_keys: Sequence[tuple[str, str]]
    primary_key: Sequence[tuple[str, str]]
    grants: Sequence[tuple[str]]


def cut(of: Partitioned, *, boundary: Callable[[Any], str], identity: str = "") -> Callable[..., None]:
    """Returns a function for RunPython that cuts the table. The old rows stay in a partition up to `boundary(cursor)`.

    `boundary` returns an SQL literal, which must be larger than everything written before the migration is done.
    `identity` is the column whose identity sequence continues. Rows that fit no partition go to the default one.
    """

    def run(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            if _is_cut(cursor, of.table):
                return
            bound = _bounded(cursor, of, boundary)
            _patiently(cursor, lambda: _swap(cursor, of, bound, identity))
            cursor.execute(f"ANALYZE {of.table}")

    return run


def _is_cut(cursor: Any, table: str) -> bool:
    cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [table])
    return bool(cursor.fetchone()[0])


def _bounded(cursor: Any, of: Partitioned, boundary: Callable[[Any], str]) -> str | None:
    """Adds a constraint that keeps the rows below the boundary, and returns the boundary; None for a table without rows.

    PostgreSQL validates it by reading every row, without blocking writers. Thanks to it the table is attached later without
    another read.
    """
    cursor.execute(f"ALTER TABLE {of.table} DROP CONSTRAINT IF EXISTS {of.before}")
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {of.table})")
    if not cursor.fetchone()[0]:
        return None
    bound = boundary(cursor)
    rule = f"ADD CONSTRAINT {of.before} CHECK ({of.column} IS NOT NULL AND {of.column} < {bound}) NOT VALID"
    _patiently(cursor, lambda: cursor.execute(f"ALTER TABLE {of.table} {rule}"))
    cursor.execute(f"ALTER TABLE {of.table} VALIDATE CONSTRAINT {of.before}")
    return bound


def _patiently(cursor: Any, change: Callable[[], None]) -> None:
    """Runs `change` in a transaction that waits only briefly for each lock, so that moves do not queue behind it; tries it
    again a number of times. Raises the last OperationalError."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                return change()
        except OperationalError as error:
            if pgcode(error) not in NOT_NOW or not left:
                raise
            time.sleep(PAUSE_S)


def _swap(cursor: Any, of: Partitioned, bound: str | None, identity: str) -> None:
    table, before = of.table, of.before
    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    if bound is None:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
        if cursor.fetchone()[0]:
            raise OperationalError(f"{table} got its first rows meanwhile; run the migration again.")
    old = _read_old(cursor, table)
    numbers = _identity(cursor, table, identity) if identity else ""
    cursor.execute(f"ALTER TABLE {table} RENAME TO {before}")
    for name, _, _ in old.indexes:
        cursor.execute(f'ALTER INDEX "{name}" RENAME TO "{name[:55]}_before"')
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION"
    cursor.execute(f"CREATE TABLE {table} (LIKE {before} {like}) PARTITION BY RANGE ({of.column})")
    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {before}")
    if identity:
        cursor.execute(f"ALTER TABLE {table} ALTER {identity} ADD GENERATED BY DEFAULT AS IDENTITY ({numbers})")
    _give(cursor, of, old)
    _fill(cursor, of, bound)


def _read_old(cursor: Any, table: str) -> Old:
    def rows(sql: str, *params: Any) -> list[Any]:
        cursor.execute(sql, [table, *params])
        return list(cursor.fetchall())

    foreign, primary = rows(_CONSTRAINTS, ["f"]), rows(_CONSTRAINTS, ["p"])
    return Old(rows(_INDEXES), foreign, primary, rows(_GRANTS.format(table=table)))


def _identity(cursor: Any, table: str, column: str) -> str:
    """Drops the identity of the old table; returns the options by which the new table's identity continues."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column])
    name = cursor.fetchone()[0]
    cursor.execute("SELECT nextval(%s)", [name])
    following = cursor.fetchone()[0] + 1
    cursor.execute(f"ALTER TABLE {table} ALTER {column} DROP IDENTITY")
    return f"SEQUENCE NAME {name} START WITH {following}"


def _give(cursor: Any, of: Partitioned, old: Old) -> None:
    """Gives the new table the keys, indexes and grants of the old one, under the same names for later migrations."""
    if not of.key:
        for name, definition in old.primary_key:
            cursor.execute(f'ALTER TABLE {of.table} ADD CONSTRAINT "{name}" {definition}')
    for name, definition in old.foreign_keys:
        cursor.execute(f'ALTER TABLE {of.table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition, is_primary in old.indexes:
        if not is_primary:
            cursor.execute(definition)
    for (grant,) in old.grants:
        cursor.execute(grant)


def _fill(cursor: Any, of: Partitioned, bound: str | None) -> None:
    if bound is None:
        cursor.execute(f"DROP TABLE {of.before}")
    else:
        cursor.execute(f"ALTER TABLE {of.table} ATTACH PARTITION {of.before} FOR VALUES FROM (MINVALUE) TO ({bound})")
    cursor.execute(f"CREATE TABLE {of.default} PARTITION OF {of.table} DEFAULT")
    if of.key:
        cursor.execute(f"ALTER TABLE {of.default} ADD PRIMARY KEY ({', '.join(of.key)})")
