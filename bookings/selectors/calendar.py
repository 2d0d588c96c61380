"""Reads a host's calendar: stays and holds, blocks, and what is booked on other sites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from bookings.models import Booking
from properties.models import CalendarEntry, Property
from properties.rules.spans import Span, span_of
from properties.selectors.calendar import entries_in
from properties.selectors.imported_calendars import nights_by_calendar

# The name of each calendar of another site, and the nights that it takes.
Sources = Sequence[tuple[str, Sequence[Span]]]


@dataclass(frozen=True, slots=True)
class Busy:
    """Taken nights, half-open. `booking_id` and `guest` are set for stays and holds, `source` names the calendars of other sites
    that the nights come from."""

    kind: str
    start: date
    end: date
    booking_id: int | None = None
    guest: str = ""
    source: str = ""


def list_busy(property_id: int, start: date, end: date, now: datetime) -> list[Busy]:
    """Everything that takes a night from `start` to before `end`, in order, in a fixed number of queries."""
    entries = list(entries_in(property_id, start, end, now).order_by("nights"))
    bookings = Booking.objects.filter(calendar_entry__in=entries).select_related("guest")
    by_entry = {booking.calendar_entry_id: booking for booking in bookings}
    sources = _sources(property_id, now) if any(_is_foreign(entry) for entry in entries) else []
    return [one for entry in entries for one in _busy(entry, by_entry.get(entry.pk), sources)]


def _is_foreign(entry: CalendarEntry) -> bool:
    return entry.kind == CalendarEntry.Kind.ELSEWHERE


def _sources(property_id: int, now: datetime) -> Sources:
    row = Property.objects.get(pk=property_id)
    nights = nights_by_calendar(row, now)
    names = row.imported_calendars.order_by("pk").values_list("pk", "name")
    return [(name, nights.get(pk, [])) for pk, name in names]


def _busy(entry: CalendarEntry, booking: Booking | None, sources: Sources) -> Iterator[Busy]:
    start, end = span_of(entry.nights)
    if _is_foreign(entry):
        yield from _parts(start, end, sources)
    elif booking is None:
        yield Busy(entry.kind, start, end)
    else:
        yield Busy(entry.kind, start, end, booking.pk, booking.guest.name)


def _parts(start: date, end: date, sources: Sources) -> Iterator[Busy]:
    """Nights of other sites, cut wherever another calendar begins or ends to take them."""
    edges = {start, end} | {day for _, spans in sources for span in spans for day in span if start < day < end}
    for first, last in pairwise(sorted(edges)):
        names = [name for name, spans in sources if any(a <= first < b for a, b in spans)]
        yield Busy(CalendarEntry.Kind.ELSEWHERE, first, last, source=", ".join(dict.fromkeys(names)))
