"""Which nights of a home an event takes: docs/calendars.md, "Which nights are taken"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[date, date]
MIDNIGHT = time(0)
# The end of a day in files that count its last minute or second as inside.
LAST_MINUTE = time(23, 59)
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """What nights depend on besides the file: the home's IANA zone, its hours of arrival and departure, its date."""

    timezone: str
    check_in: time
    check_out: time
    today: date

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def as_days(start: date | datetime, end: date | datetime) -> Span | None:
    """The days of an event of whole days, half-open, midnight to midnight in its own zone included; None for other events."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        late = end.time() >= LAST_MINUTE
        if start.time() != MIDNIGHT or not (late or end.time() == MIDNIGHT):
            return None
        start, end = start.date(), end.date() + ONE * late
    if isinstance(start, datetime) or isinstance(end, datetime):
        return None
    return start, max(end, start + ONE)


def nights_of(start: date | datetime, end: date | datetime, place: Place) -> Span | None:
    """The nights that an event takes, half-open; None where it lies between a departure and the next arrival.

    A night runs from arrival on its day to departure on the next; an event takes each that it overlaps. Where only one
    end is a day, that end is the arrival's or the departure's day.
    """
    days = as_days(start, end)
    if days is not None:
        return days
    first = _first(start.astimezone(place.zone), place) if isinstance(start, datetime) else start
    after = _after(end.astimezone(place.zone), place) if isinstance(end, datetime) else end
    if not isinstance(start, datetime):
        after = max(after, first + ONE)
    return (first, after) if first < after else None


def _first(start: datetime, place: Place) -> date:
    """The first night that isn't over at `start`."""
    return start.date() - ONE if start.time() < place.check_out else start.date()


def _after(end: datetime, place: Place) -> date:
    """The day after the last night that has begun before `end`."""
    return end.date() + ONE if end.time() > place.check_in else end.date()
