"""The nights that a question is about which names none: the protocol of a haggle knows no room without dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from properties.rules.spans import Span, within, without
from properties.rules.terms import MAX_DAYS_AHEAD, PropertyTerms, least_nights

# A question lives until its check-in day: so far off there is time for an answer.
AHEAD = 14


def first_stay(terms: PropertyTerms, taken: Iterable[Span], today: date) -> Span:
    """The first shortest stay that is free from two weeks on, as (check-in, check-out).

    Where none is free, the shortest one in two weeks: a question needs no free nights.
    """
    start = today + timedelta(max(AHEAD, terms.notice_days))
    end = today + timedelta(MAX_DAYS_AHEAD)
    windows = [(start, end)] if terms.always_open else within(terms.windows, start, end)
    for first, last in without(windows, taken):
        if (last - first).days >= least_nights(terms, first):
            return first, first + timedelta(least_nights(terms, first))
    return start, start + timedelta(least_nights(terms, start))
