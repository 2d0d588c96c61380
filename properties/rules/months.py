"""The months of a host's insight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

BACK, AHEAD = 11, 3


def month_of(day: date) -> date:
    """The first day of the date's month."""
    return day.replace(day=1)


def months_later(month: date, count: int) -> date:
    """The first of the month so many later (negative: earlier)."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def months_around(today: date) -> list[date]:
    """The months that insight shows: the past eleven, this one and the next three."""
    this = month_of(today)
    return [months_later(this, n) for n in range(-BACK, AHEAD + 1)]


def month_spans(months: list[date]) -> Iterator[tuple[date, date]]:
    """(first day, first day of the next month) of each month."""
    for month in months:
        yield month, months_later(month, 1)
