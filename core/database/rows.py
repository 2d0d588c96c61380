"""Reads rows of hand-written SQL by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.database.replica import reading

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]


def fetch_rows(sql: str, params: Params | None = None) -> list[Row]:
    """Returns the rows of the last statement of `sql`, each as column name → value.

    They are read by name and not by position, so that a column added to a statement does not move the others.
    """
    with reading().cursor() as cursor:
        cursor.execute(sql, params)
        return rows_of(cursor)


def rows_of(cursor: Any) -> list[Row]:
    """Returns the rows of the cursor's statement, each as column name → value."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
