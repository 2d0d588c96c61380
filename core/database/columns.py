"""One table of a table's columns, from which hand-written SQL has every list of them.

INSERT, recordset, UPDATE and SELECT each want their own list; made of one, none can forget a column or swap two.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """A table and all of its columns that hand-written SQL knows. Rows come as JSON: an object for each, by these names."""

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

    def insert(self, rows: str, *, without: tuple[str, ...] = ()) -> str:
        """Inserts the JSON rows that the SQL expression `rows` holds; the database fills the columns `without`."""
        names = [name for name in self.names() if name not in without]
        listed = ", ".join(names)
        return (
            f"INSERT INTO {self.name} ({listed}) SELECT {listed}"  # noqa: S608 - our own names
            f" FROM json_to_recordset({rows}) AS u({self.typed(names)})"
        )

    def update(self, rows: str, writer: str) -> str:
        """Writes, by id, the columns of `writer` from the JSON rows that the SQL expression `rows` holds."""
        names = self.written_by(writer)
        assigned = ", ".join(self._assigned(column) for column in self.columns if column.written_by == writer)
        return (
            f"UPDATE {self.name} t SET {assigned}"  # noqa: S608 - our own names
            f" FROM json_to_recordset({rows}) AS u({self.typed(('id', *names))}) WHERE t.id = u.id"
        )

    def _assigned(self, column: Column) -> str:
        name = column.name
        return f"{name} = greatest(t.{name}, u.{name})" if column.only_grows else f"{name} = u.{name}"

    def _read(self, column: Column, alias: str, prefix: str) -> str:
        if column.read:
            return column.read.format(alias=alias, prefix=prefix)
        return f"{alias}.{column.name} AS {prefix}{column.name}" if prefix else f"{alias}.{column.name}"
