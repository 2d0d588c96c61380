"""One list of a table's columns, from which hand-written SQL gets all its lists of columns.

INSERT, UPDATE and SELECT each need a list of their own. Since all are made from one, none can miss a column or swap two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column, its PostgreSQL type, and the name of the writer that updates it after the INSERT; "" where none does.

    `read` is its expression in SELECT lists, with `{alias}` for the table's alias and `{prefix}` for the name's prefix; ""
    stands for the column itself.
    """

    name: str
    type: str
    written_by: str = ""
    read: str = ""
    # An UPDATE never makes the value smaller, because other code may write the column at the same time.
    only_grows: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table, with all of its columns that hand-written SQL uses."""

    name: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """Returns the names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def written_by(self, writer: str) -> tuple[str, ...]:
        """Returns the names of the columns that `writer` updates."""
        return tuple(column.name for column in self.columns if column.written_by == writer)

    def select_list(self, alias: str, prefix: str = "") -> str:
        """Returns the list of columns for a SELECT; each result column is named `prefix` + the column's name."""
        return ", ".join(self._read(column, alias, prefix) for column in self.columns)

    def typed(self, names: Iterable[str] | None = None) -> str:
        """Returns `id bigint, property_id bigint, …`, the column definitions that a recordset of JSON rows needs."""
        wanted = set(self.names() if names is None else names)
        return ", ".join(f"{column.name} {column.type}" for column in self.columns if column.name in wanted)

    def types(self, names: Iterable[str]) -> tuple[str, ...]:
        """Returns the PostgreSQL types of these columns."""
        known = {column.name: column.type for column in self.columns}
        return tuple(known[name] for name in names)

    def types_of_many(self, names: Iterable[str]) -> tuple[str, ...]:
        """Returns the PostgreSQL types of arrays of these columns."""
        return tuple(f"{kind}[]" for kind in self.types(names))

    def insert(self, *, without: tuple[str, ...] = ()) -> str:
        """Returns an INSERT of one row: `$1`, `$2` … are its columns in their order.

        The columns `without` are left out, because the database fills them.
        """
        names = [name for name in self.names() if name not in without]
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        return f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - our own names

    def insert_many(self, *, without: tuple[str, ...] = ()) -> str:
        """Returns an INSERT of many rows, in their order: each of `$1`, `$2` … is an array of all values of a column."""
        names = [name for name in self.names() if name not in without]
        return f"INSERT INTO {self.name} ({', '.join(names)}) SELECT * FROM {self._given(names)}"  # noqa: S608 - our own names

    def update(self, writer: str) -> str:
        """Returns an UPDATE of the row with the id `$1`: `$2`, `$3` … are the columns of `writer` in their order."""
        written = [column for column in self.columns if column.written_by == writer]
        assigned = ", ".join(self._assigned(column, f"${n}") for n, column in enumerate(written, 2))
        return f"UPDATE {self.name} t SET {assigned} WHERE t.id = $1"  # noqa: S608 - our own names

    def update_many(self, writer: str) -> str:
        """Returns an UPDATE of many rows: `$1` is an array of their ids, each of `$2`, `$3` … one of a column's values."""
        written = [column for column in self.columns if column.written_by == writer]
        assigned = ", ".join(self._assigned(column, f"g.{column.name}") for column in written)
        given = self._given(["id", *(column.name for column in written)])
        return f"UPDATE {self.name} t SET {assigned} FROM {given} WHERE t.id = g.id"  # noqa: S608 - our own names

    def _given(self, names: Sequence[str]) -> str:
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        return f"unnest({places}) AS g({', '.join(names)})"

    def _assigned(self, column: Column, value: str) -> str:
        name = column.name
        return f"{name} = greatest(t.{name}, {value})" if column.only_grows else f"{name} = {value}"

    def _read(self, column: Column, alias: str, prefix: str) -> str:
        if column.read:
            return column.read.format(alias=alias, prefix=prefix)
        return f"{alias}.{column.name} AS {prefix}{column.name}" if prefix else f"{alias}.{column.name}"
