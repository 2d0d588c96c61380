"""Nights taken on other sites, in the one calendar. The caller holds the property's row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from core import hooks
from properties.models import CalendarEntry, ImportedCalendar, ImportedEvent, Property, ToldConflict
from properties.rules.echoes import OwnFeed
from properties.rules.ical.reading import ForeignEvent
from properties.rules.spans import Span, span_of
from properties.selectors.imported_calendars import list_conflicts
from properties.selectors.own_feed import get_own_feed
from properties.selectors.today import today_at

ELSEWHERE, HOLD = CalendarEntry.Kind.ELSEWHERE, CalendarEntry.Kind.HOLD
Key = tuple[bytes, date, date]

# What the events take from today on, without what is taken here already: the constraint knows no exception.
WANTED = """
SELECT lower(span), upper(span) FROM unnest((
    SELECT coalesce(range_agg(e.nights * daterange(%(today)s, NULL)), '{}') FROM properties_importedevent e
      JOIN properties_importedcalendar c ON c.id = e.calendar_id
     WHERE c.property_id = %(home)s AND NOT e.is_echo AND upper(e.nights) > %(today)s
  ) - (
    SELECT coalesce(range_agg(nights), '{}') FROM properties_calendarentry
     WHERE property_id = %(home)s AND kind <> 'elsewhere' AND upper(nights) > %(today)s
       AND (held_until IS NULL OR held_until > %(now)s)
  )) AS span
"""


def uid_digest(uid: str) -> bytes:
    """The stored digest of a UID, which may name a person."""
    return sha256(uid.encode()).digest()[:16]


def write_events(calendar: ImportedCalendar, events: Iterable[ForeignEvent], *, today: date, now: datetime) -> None:
    """Makes these the events of a calendar; those that were there keep when they were first seen."""
    fresh = {(uid_digest(event.uid), event.start, event.end): event.uid for event in events}
    present = {_key(row): row for row in calendar.events.all()}
    calendar.events.filter(pk__in=[row.pk for key, row in present.items() if key not in fresh]).delete()
    new = {key: uid for key, uid in fresh.items() if key not in present}
    if new:
        feed = get_own_feed(calendar.property_id, today)
        known = {key[1:]: row for key, row in present.items()}
        rows = [_event(calendar, key, uid, known.get(key[1:]), feed, now) for key, uid in new.items()]
        ImportedEvent.objects.bulk_create(rows, batch_size=1000)


def _key(row: ImportedEvent) -> Key:
    return (bytes(row.uid_digest), *span_of(row.nights))


def _event(
    calendar: ImportedCalendar, key: Key, uid: str, same: ImportedEvent | None, feed: OwnFeed, now: datetime
) -> ImportedEvent:
    """A site that makes up a new UID at each reading shows the same event all the same: it has the same nights."""
    digest, start, end = key
    seen = same.first_seen_at if same else now
    is_echo = feed.is_own_uid(uid) or (same.is_echo if same else feed.is_echo(uid, (start, end), seen))
    return ImportedEvent(
        calendar=calendar, uid_digest=digest, nights=DateRange(start, end), first_seen_at=seen, is_echo=is_echo
    )


def retake_nights(row: Property, now: datetime) -> None:
    """Has the calendar hold just what the home's events take from today on, wherever nothing else does.

    To be called after anything else gave nights of the property back. Holds that are over make way.
    """
    today = today_at(row, now)
    present = list(CalendarEntry.objects.filter(property=row, kind=ELSEWHERE, nights__endswith__gt=today))
    if not present and not ImportedEvent.objects.filter(calendar__property=row).exists():
        return
    wanted = _wanted(row.pk, today, now)
    spans = {entry.pk: (max(span_of(entry.nights)[0], today), span_of(entry.nights)[1]) for entry in present}
    gone, new = [pk for pk, span in spans.items() if span not in wanted], [s for s in wanted if s not in spans.values()]
    CalendarEntry.objects.filter(pk__in=gone).delete()
    _take(row, new, now)
    if gone or new:
        hooks.nights_changed(property_id=row.pk, now=now)


def retake_nights_of(property_id: int, now: datetime) -> None:
    """As `retake_nights`, for who has the property's number at hand and its row locked."""
    retake_nights(Property.objects.get(pk=property_id), now)


def _wanted(property_id: int, today: date, now: datetime) -> list[Span]:
    with connection.cursor() as cursor:
        cursor.execute(WANTED, {"home": property_id, "today": today, "now": now})
        return cursor.fetchall()


def _take(row: Property, spans: list[Span], now: datetime) -> None:
    for start, end in spans:
        CalendarEntry.objects.filter(
            property=row, kind=HOLD, held_until__lte=now, nights__overlap=DateRange(start, end)
        ).delete()
    CalendarEntry.objects.bulk_create(
        CalendarEntry(property=row, kind=ELSEWHERE, nights=DateRange(start, end), created_at=now)
        for start, end in spans
    )


def tell_conflicts(row: Property, now: datetime) -> None:
    """Tells the host of each stay that shares a night with an event, once; what is over is forgotten."""
    found = {(one.calendar_id, one.entry_id, one.start, one.end) for one in list_conflicts(row, now)}
    told = {
        (one.calendar_id, one.entry_id, *span_of(one.nights)): one.pk
        for one in ToldConflict.objects.filter(calendar__property=row)
    }
    ToldConflict.objects.filter(pk__in=[pk for key, pk in told.items() if key not in found]).delete()
    names = dict(ImportedCalendar.objects.filter(property=row).values_list("pk", "name"))
    for calendar, entry, start, end in sorted(found - told.keys()):
        ToldConflict.objects.create(calendar_id=calendar, entry_id=entry, nights=DateRange(start, end), told_at=now)
        hooks.calendar_conflict(property_id=row.pk, entry_id=entry, calendar=names[calendar], now=now)
