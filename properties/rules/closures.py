"""Nights that can't be booked though nothing takes them: outside the windows, too soon, too far ahead, or unlisted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from properties.rules.ical.limits import LAST_DAY_AHEAD
from properties.rules.spans import Span, joined, without
from properties.rules.terms import MAX_DAYS_AHEAD


def closed_nights(*, today: date, is_listed: bool, notice_days: int, windows: Sequence[Span] | None) -> list[Span]:
    """The closed nights from today on, half-open; `windows` None means always open. Never empty, because of the horizon."""
    first, last = today, today + timedelta(LAST_DAY_AHEAD)
    bookable = (today + timedelta(notice_days), today + timedelta(MAX_DAYS_AHEAD + 1))
    if not is_listed:
        return [(first, last)]
    opened = [bookable] if windows is None else [(max(a, bookable[0]), min(b, bookable[1])) for a, b in windows]
    return without([(first, last)], joined(opened))
