"""The days on which a stay can begin, for a calendar that shows them before a price is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from properties.rules.spans import Span
from properties.rules.terms import PropertyTerms, can_be_had, fills_gap, least_nights

DAY = timedelta(1)


def arrivals_between(terms: PropertyTerms, start: date, end: date) -> Iterator[tuple[date, int]]:
    """The days from `start` to before `end` from which a stay has another least number of nights than the home's own."""
    if not any(rule.min_nights is not None for rule in terms.price_rules):
        return
    for number in range((end - start).days):
        day = start + number * DAY
        if (least := least_nights(terms, day)) != terms.min_nights:
            yield day, least


def gaps_between(terms: PropertyTerms, start: date, end: date, today: date) -> Iterator[Span]:
    """The stays that begin from `start` to before `end`, are shorter than the least, and may be, for they fill a gap."""
    if not terms.fill_gaps:
        return
    start = max(start, today)
    for number in range((end - start).days):
        day = start + number * DAY
        if can_be_had(terms, day - DAY, today) or not can_be_had(terms, day, today):
            continue
        over = _end_of_gap(terms, day, today)
        if over and fills_gap(terms, day, over, today):
            yield day, over


def _end_of_gap(terms: PropertyTerms, day: date, today: date) -> date | None:
    """The first night from `day` on that can't be had; None where a stay until then is long enough anyway."""
    for nights in range(1, least_nights(terms, day)):
        if not can_be_had(terms, day + nights * DAY, today):
            return day + nights * DAY
    return None
