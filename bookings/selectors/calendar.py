"""A host's calendar: who is where, and what the host keeps back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bookings.models import Booking
from properties.models import CalendarEntry
from properties.selectors.calendar import entries_in


@dataclass(frozen=True, slots=True)
class Busy:
    """Nights that are gone, half-open. `booking_id` and `guest` are there for stays and holds of somebody."""

    kind: str
    start: date
    end: date
    booking_id: int | None
    guest: str


def list_busy(property_id: int, start: date, end: date, now: datetime) -> list[Busy]:
    """Everything that takes a night from `start` to before `end`, in order, in two queries."""
    entries = list(entries_in(property_id, start, end, now).order_by("nights"))
    bookings = Booking.objects.filter(calendar_entry__in=entries).select_related("guest")
    by_entry = {booking.calendar_entry_id: booking for booking in bookings}
    return [_busy(entry, by_entry.get(entry.pk)) for entry in entries]


def _busy(entry: CalendarEntry, booking: Booking | None) -> Busy:
    nights: Any = entry.nights
    if booking is None:
        return Busy(entry.kind, nights.lower, nights.upper, None, "")
    return Busy(entry.kind, nights.lower, nights.upper, booking.pk, booking.guest.name)
