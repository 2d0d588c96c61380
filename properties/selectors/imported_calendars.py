"""A home's calendars of other sites, for its host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from core.clock import stamp
from core.database.replica import reading
from core.errors import not_found
from properties.calendar_words import words_of
from properties.models import CalendarEntry, ImportedCalendar, ImportedEvent, Property, ToldConflict
from properties.rules.spans import Span, joined, span_of
from properties.selectors.today import today_at

CONFLICTS = """
SELECT e.calendar_id, x.id, lower(e.nights), upper(e.nights) FROM properties_importedevent e
  JOIN properties_importedcalendar c ON c.id = e.calendar_id
  JOIN properties_calendarentry x ON x.property_id = c.property_id AND x.nights && e.nights
 WHERE c.property_id = %(home)s AND NOT e.is_echo AND upper(e.nights * x.nights) > %(today)s
   AND (x.kind = 'stay' OR x.kind = 'hold' AND x.held_until > %(now)s)
 ORDER BY lower(e.nights), e.id, x.id
"""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An event and one of our entries that share a night from today on."""

    calendar_id: int
    entry_id: int
    start: date
    end: date


def list_calendars(row: Property, *, limit: int, before: int | None) -> list[ImportedCalendar]:
    """At most `limit` of a home's calendars with an id below `before`, newest first, without their files."""
    rows = row.imported_calendars.defer("file").order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def get_calendar(row: Property, calendar_id: int) -> ImportedCalendar:
    """One of a home's calendars. Raises `not_found`."""
    found = row.imported_calendars.defer("file").filter(pk=calendar_id).first()
    if found is None:
        raise not_found()
    return found


def list_conflicts(row: Property, now: datetime) -> list[Conflict]:
    """Every conflict of a home as it is now."""
    with reading().cursor() as cursor:
        cursor.execute(CONFLICTS, {"home": row.pk, "today": today_at(row, now), "now": now})
        return [Conflict(*found) for found in cursor.fetchall()]


def nights_by_calendar(row: Property, now: datetime) -> dict[int, list[Span]]:
    """calendar → the nights that its events take from today on, joined; echoes of our own entries are left out."""
    today = today_at(row, now)
    events = ImportedEvent.objects.filter(calendar__property=row, is_echo=False, nights__endswith__gt=today)
    spans: dict[int, list[Span]] = {}
    for calendar_id, nights in events.values_list("calendar_id", "nights"):
        start, end = span_of(nights)
        spans.setdefault(calendar_id, []).append((max(start, today), end))
    return {calendar_id: joined(found) for calendar_id, found in spans.items()}


def show_calendar(row: ImportedCalendar, nights: Sequence[Span], conflicts: list[dict[str, Any]]) -> dict[str, Any]:
    """A calendar as its host reads it; `conflicts` come from bookings, which knows the stays."""
    return {
        "id": row.pk,
        "name": row.name,
        "url": row.url or None,
        "status": row.status,
        "last_read_at": stamp(row.last_read_at) if row.last_read_at else None,
        "next_read_at": stamp(row.due_at) if row.url else None,
        "last_error": words_of(row.error_code, row.error_detail) or None,
        "events": row.event_count,
        "nights": sum((end - start).days for start, end in nights),
        "conflicts": conflicts,
    }


@dataclass(frozen=True, slots=True)
class Trouble:
    """A property whose calendars need its host: nights are booked twice, or a calendar could not be read for a day."""

    property_id: int
    title: str
    is_conflict: bool


def list_troubles(host_id: int) -> list[Trouble]:
    """The host's homes with trouble, conflicts first, each once. Two queries."""
    booked = CalendarEntry.objects.filter(pk=OuterRef("entry_id"))
    conflicts = ToldConflict.objects.filter(calendar__property__host_id=host_id).filter(Exists(booked))
    twice = dict(conflicts.values_list("calendar__property_id", "calendar__property__title"))
    failing = ImportedCalendar.objects.filter(property__host_id=host_id, failed_told_at__isnull=False)
    silent = dict(failing.values_list("property_id", "property__title"))
    return [
        *(Trouble(pk, title, True) for pk, title in sorted(twice.items())),
        *(Trouble(pk, title, False) for pk, title in sorted(silent.items()) if pk not in twice),
    ]
