"""A home's imported calendars with the stays that they conflict with; bookings has them, since it knows the stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from bookings.models import Booking
from properties.models import CalendarEntry, ImportedCalendar, Property
from properties.rules.spans import span_of
from properties.selectors.imported_calendars import (
    Conflict,
    get_calendar,
    list_calendars,
    list_conflicts,
    nights_by_calendar,
    show_calendar,
)
from properties.selectors.ownership import get_own_property


def list_own_calendars(
    *, property_id: int, actor: User, limit: int, before: int | None, now: datetime
) -> list[dict[str, Any]]:
    """The calendars of the actor's own property, newest first, as they are shown. Raises `not_found`."""
    row = get_own_property(property_id, actor)
    return show_calendars(row, list_calendars(row, limit=limit, before=before), now)


def get_own_calendar(*, property_id: int, calendar_id: int, actor: User, now: datetime) -> dict[str, Any]:
    """One of them. Raises `not_found`."""
    row = get_own_property(property_id, actor)
    return show_calendars(row, [get_calendar(row, calendar_id)], now)[0]


def show_calendars(row: Property, calendars: Sequence[ImportedCalendar], now: datetime) -> list[dict[str, Any]]:
    """Each of these calendars of a home, in a fixed number of queries."""
    if not calendars:
        return []
    nights, conflicts = nights_by_calendar(row, now), show_conflicts(list_conflicts(row, now))
    return [show_calendar(one, nights.get(one.pk, []), conflicts.get(one.pk, [])) for one in calendars]


def show_conflicts(found: Sequence[Conflict]) -> dict[int, list[dict[str, Any]]]:
    """calendar → its conflicts, each with both sides."""
    ids = [one.entry_id for one in found]
    bookings = dict(Booking.objects.filter(calendar_entry_id__in=ids).values_list("calendar_entry_id", "pk"))
    spans = {pk: span_of(nights) for pk, nights in CalendarEntry.objects.filter(pk__in=ids).values_list("pk", "nights")}
    shown: dict[int, list[dict[str, Any]]] = {}
    for one in found:
        if (span := spans.get(one.entry_id)) is None:
            continue  # cancelled since the conflict was read
        sides = {
            "booking": bookings.get(one.entry_id),
            "start_date": span[0].isoformat(),
            "end_date": span[1].isoformat(),
            "event_start": one.start.isoformat(),
            "event_end": one.end.isoformat(),
        }
        shown.setdefault(one.calendar_id, []).append(sides)
    return shown
