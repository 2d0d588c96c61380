"""Sets of nights as sorted, half-open (start, end) spans that neither overlap nor touch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

Span = tuple[date, date]


def span_of(nights: Any) -> Span:
    """A range of the database as a span; the calendar's ranges have both ends."""
    return nights.lower, nights.upper


def joined(spans: Iterable[Span]) -> list[Span]:
    """Their union; empty spans vanish."""
    union: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return union


def without(spans: Iterable[Span], gone: Iterable[Span]) -> list[Span]:
    """The parts of `spans` outside `gone`."""
    left = joined(spans)
    for start, end in joined(gone):
        left = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
    return left


def within(spans: Iterable[Span], start: date, end: date) -> list[Span]:
    """The parts of `spans` from `start` to before `end`."""
    return joined((max(a, start), min(b, end)) for a, b in spans)
