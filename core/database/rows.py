"""Rows of hand-written SQL by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.database.replica import reading

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]


def fetch_rows(sql: str, params: Params | None = None) -> list[Row]:
    """The rows of the last statement of `sql`: for each row column name → value.

    By name and not by position: a column that is added to a statement moves none of the others.
    """
    with reading().cursor() as cursor:
        cursor.execute(sql, params)
        return rows_of(cursor)


def rows_of(cursor: Any) -> list[Row]:
    """What the cursor's statement answered, by name."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
