"""Flexible dates: as many nights, begun up to so many days sooner or later. Of those a home is free for, the nearest start.

The dates of the search become the columns of a lateral join, `f.check_in` and `f.check_out`, one row a home: so every other
part of the statement asks for them as it does for dates that are fixed. A home is probed at most seven times, and once where the
dates asked for are free.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from properties.rules.search import SearchQuery

JOIN = """ CROSS JOIN LATERAL (
    SELECT o.check_in, o.check_in + %(nights)s AS check_out
      FROM unnest(%(starts)s::date[]) WITH ORDINALITY AS o(check_in, nearness)
     WHERE {conditions} ORDER BY o.nearness LIMIT 1) f"""


def starts_of(query: SearchQuery) -> list[Any]:
    """The days on which the stay may begin, the one asked for first, then the nearest; of two as near the sooner."""
    if query.check_in is None:
        return []
    ways = sorted(range(-query.flexible_days, query.flexible_days + 1), key=lambda days: (abs(days), days))
    return [query.check_in + timedelta(days) for days in ways]


def join_nearest(conditions: Sequence[str], query: SearchQuery, params: dict[str, Any]) -> str:
    """The join that picks a home's dates; `conditions` are what the dates have to fulfil, written for fixed ones."""
    params["starts"] = starts_of(query)
    text = " AND ".join(conditions)
    text = text.replace("%(check_in)s", "o.check_in").replace("%(check_out)s", "(o.check_in + %(nights)s)")
    return JOIN.format(conditions=text)


def with_nearest(text: str) -> str:
    """A part of the statement outside the join, in which the dates are those that it picked."""
    return text.replace("%(check_in)s", "f.check_in").replace("%(check_out)s", "f.check_out")
