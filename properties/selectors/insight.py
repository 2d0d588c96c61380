"""Views and agreed nights for a host's insight; one query each, however many properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.database.replica import reading
from properties.rules.months import month_spans

VIEWS = """
SELECT property_id, date_trunc('month', date)::date, sum(count) FROM properties_dayviews
 WHERE property_id = ANY(%s) AND date >= %s AND date < %s GROUP BY 1, 2
"""
NIGHTS = """
SELECT e.property_id, m.first, sum(upper(e.nights * daterange(m.first, m.next)) - lower(e.nights * daterange(m.first, m.next)))
  FROM unnest(%s::date[], %s::date[]) AS m(first, next)
  JOIN properties_calendarentry e ON e.nights && daterange(m.first, m.next)
 WHERE e.property_id = ANY(%s) AND e.kind = 'stay' GROUP BY 1, 2
"""
ByMonth = dict[tuple[int, date], int]


def count_views_by_month(ids: Sequence[int], months: list[date]) -> ByMonth:
    """(property, month) → views of its page."""
    spans = list(month_spans(months))
    with reading().cursor() as cursor:
        cursor.execute(VIEWS, [list(ids), spans[0][0], spans[-1][1]])
        return {(property_id, month): int(count) for property_id, month, count in cursor.fetchall()}


def count_nights_by_month(ids: Sequence[int], months: list[date]) -> ByMonth:
    """(property, month) → nights of agreed stays in it."""
    firsts, nexts = zip(*month_spans(months), strict=True)
    with reading().cursor() as cursor:
        cursor.execute(NIGHTS, [list(firsts), list(nexts), list(ids)])
        return {(property_id, month): int(count) for property_id, month, count in cursor.fetchall()}
