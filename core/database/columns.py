"""One table of a table's columns, from which hand-written SQL has every list of them.

INSERT, UPDATE and SELECT each want their own list; made of one, none can forget a column or swap two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column, PostgreSQL's type of it, and what writes it after the INSERT: "" for nothing, else the writer's name.

    `read` is what SELECT lists have for it, with `{alias}` of the table and `{prefix}` of the name; "" stands for the
    column itself.
    """

    name: str
    type: str
    written_by: str = ""
    read: str = ""
    # An UPDATE never makes it smaller: something else may write it beside.
    only_grows: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table and all of its columns that hand-written SQL knows."""

    name: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """The columns' names, in their order."""
        return tuple(column.name for column in self.columns)

    def written_by(self, writer: str) -> tuple[str, ...]:
        """The names of the columns that `writer` writes."""
        return tuple(column.name for column in self.columns if column.written_by == writer)

    def select_list(self, alias: str, prefix: str = "") -> str:
        """Its columns for a SELECT, each called `prefix` + its name."""
        return ", ".join(self._read(column, alias, prefix) for column in self.columns)

    def typed(self, names: Iterable[str] | None = None) -> str:
        """`id bigint, property_id bigint, …`: what a recordset makes of the JSON rows."""
        wanted = set(self.names() if names is None else names)
        return ", ".join(f"{column.name} {column.type}" for column in self.columns if column.name in wanted)

    def types(self, names: Iterable[str]) -> tuple[str, ...]:
        """PostgreSQL's types of these columns."""
        known = {column.name: column.type for column in self.columns}
        return tuple(known[name] for name in names)

    def types_of_many(self, names: Iterable[str]) -> tuple[str, ...]:
        """Of arrays of these columns."""
        return tuple(f"{kind}[]" for kind in self.types(names))

    def insert(self, *, without: tuple[str, ...] = ()) -> str:
        """Inserts a row, `$1`, `$2` … being its columns in their order; the database fills the columns `without`."""
        names = [name for name in self.names() if name not in without]
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        return f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - our own names

    def insert_many(self, *, without: tuple[str, ...] = ()) -> str:
        """Inserts rows in the order in which they are given, `$1`, `$2` … being all values of a column."""
        names = [name for name in self.names() if name not in without]
        return f"INSERT INTO {self.name} ({', '.join(names)}) SELECT * FROM {self._given(names)}"  # noqa: S608 - our own names

    def update(self, writer: str) -> str:
        """Writes the columns of `writer`, `$2`, `$3` … in their order, in the row whose id is `$1`."""
        written = [column for column in self.columns if column.written_by == writer]
        assigned = ", ".join(self._assigned(column, f"${n}") for n, column in enumerate(written, 2))
        return f"UPDATE {self.name} t SET {assigned} WHERE t.id = $1"  # noqa: S608 - our own names

    def update_many(self, writer: str) -> str:
        """The same in rows: `$1` are their ids, `$2`, `$3` … all values of a column."""
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
