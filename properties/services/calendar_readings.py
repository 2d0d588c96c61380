"""Stores the results of reading imported calendars. The lane claims what is due, and returns each by one of these functions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zlib import compress, decompress

from django.conf import settings
from django.db import transaction

from accounts.services.notifications import notify
from core.database.claims import claim
from properties.calendar_words import failed_title
from properties.models import ImportedCalendar, PastEntry, Property, ServedClosure
from properties.rules import reading_times
from properties.rules.ical.nights import Place
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.reading import Reading
from properties.rules.reading_times import Pace
from properties.rules.terms import CHECK_IN, CHECK_OUT
from properties.selectors.today import today_at
from properties.services.calendar import lock_property
from properties.services.imported_nights import retake_nights, tell_conflicts, write_events

# The lease, longer than a reading takes; after it the calendars of a dead reader are due again.
LEASE = timedelta(seconds=60)
# How often calendars of a closed account are read.
IDLE = timedelta(hours=6)
GOOD, FAILING = ImportedCalendar.Status.GOOD, ImportedCalendar.Status.FAILING
HALF = 16
# Any number that shares no factor with the seconds of a day.
SPREAD_S, DAY_S = 7919, 86400


@dataclass(frozen=True, slots=True)
class Due:
    """A calendar to be read. `lease` is until when this reader has it; `file` is set for one without an address."""

    id: int
    property_id: int
    place: Place
    started_at: datetime
    lease: datetime
    url: str
    file: bytes | None
    etag: str
    modified: str
    digest: bytes

    def digest_of(self, body: bytes) -> bytes:
        """A digest of the file and of what its nights depend on besides."""
        return self._place_digest() + sha256(body).digest()[:HALF]

    @property
    def is_fresh(self) -> bool:
        """Whether it was parsed within a day for these hours; then "not modified" is enough."""
        return self.digest[:HALF] == self._place_digest()

    def _place_digest(self) -> bytes:
        """A digest that changes with the home's hours, and once a day, because later repeats come into range. Each calendar's day
        begins at an hour of its own; otherwise all of them would be parsed again at midnight."""
        day = (int(self.started_at.timestamp()) + self.id * SPREAD_S) // DAY_S
        place = self.place
        return sha256(repr((place.timezone, place.check_in, place.check_out, day)).encode()).digest()[:HALF]


def place_of(row: Property, now: datetime) -> Place:
    """A home's zone and hours, and the date there."""
    return Place(row.timezone, row.check_in_from or CHECK_IN, row.check_out_by or CHECK_OUT, today_at(row, now))


def pace() -> Pace:
    """The operator's figures."""
    seconds = (settings.CALENDAR_EVERY_S, settings.CALENDAR_EMPTY_S, settings.CALENDAR_FAILED_S)
    return Pace(*(timedelta(seconds=one) for one in seconds))


def pack(body: bytes) -> bytes:
    """The packed form in which a file is stored."""
    return compress(body, 6)


def claim_due(most: int, now: datetime) -> list[Due]:
    """Claims at most so many due calendars for a minute, those due longest first."""

    def lease(row: ImportedCalendar) -> None:
        row.due_at = now + (LEASE if row.property.host.is_active else IDLE)

    due = ImportedCalendar.objects.select_related("property__host").filter(due_at__lte=now)
    rows = claim(due, order_by="due_at", fields=["due_at"], lease=lease, most=most)
    return [_due(row, now, now + LEASE) for row in rows if row.property.host.is_active]


def _due(row: ImportedCalendar, now: datetime, lease: datetime) -> Due:
    file = decompress(row.file) if row.file is not None else None
    return Due(
        row.pk, row.property_id, place_of(row.property, now), now, lease, row.url, file, row.etag, row.modified,
        bytes(row.digest),
    )  # fmt: skip


def store_unchanged(due: Due, now: datetime) -> None:
    """Notes that a calendar was read and has not changed."""
    with transaction.atomic():
        row = _locked(due)
        if row is not None:
            _succeed(row, due, now)
            row.save()


def store_reading(due: Due, reading: Reading, *, digest: bytes, etag: str, modified: str, now: datetime) -> None:
    """Stores what was read, takes its nights and tells of conflicts, in one transaction. An empty file needs a second reading."""
    with transaction.atomic():
        home = lock_property(due.property_id)
        row = _locked(due)
        if row is None:
            return
        _succeed(row, due, now)
        if row.url and not reading.count and row.event_count and not _believes(row, due, now):
            row.save()
            return
        row.digest, row.etag, row.modified = digest, etag, modified
        write_reading(home, row, reading, now)


def write_reading(home: Property, row: ImportedCalendar, reading: Reading, now: datetime) -> None:
    """Writes what a calendar takes; the caller has locked the home."""
    row.event_count, row.empty_since = reading.count, None
    row.save()
    write_events(row, reading.events, today=today_at(home, now), now=now)
    retake_nights(home, now)
    tell_conflicts(home, now)


def store_failure(due: Due, problem: CalendarProblem, now: datetime) -> None:
    """Notes that a calendar could not be read; its nights stay taken. The host is told once it has failed for long."""
    with transaction.atomic():
        row = _locked(due)
        if row is None:
            return
        row.status, row.failures, row.failing_since = FAILING, row.failures + 1, row.failing_since or now
        row.error_code, row.error_detail = problem.code, problem.detail[:100]
        since = row.last_read_at or row.created_at
        _next(row, due, lambda: reading_times.after_failure(now, row.failures, since, pace(), random.random()))  # noqa: S311 - spreads
        if row.failed_told_at is None and reading_times.is_told(now, since, pace()):
            row.failed_told_at = now
            _tell_failed(row, now)
        row.save()


def _tell_failed(row: ImportedCalendar, now: datetime) -> None:
    home = row.property
    title = failed_title(calendar=row.name, home=home.title or str(home))
    notify(user_id=home.host_id, kind="calendar.failed", title=title, now=now, property_id=home.pk)


def _locked(due: Due) -> ImportedCalendar | None:
    """Locks the calendar's row; None where it is gone, or another reader has read it since this one began."""
    row = ImportedCalendar.objects.select_for_update(of=("self",), no_key=True).filter(pk=due.id).defer("file").first()
    if row is None or (row.last_read_at is not None and row.last_read_at > due.started_at):
        return None
    return row


def _succeed(row: ImportedCalendar, due: Due, now: datetime) -> None:
    row.status, row.last_read_at, row.failures = GOOD, now, 0
    row.failing_since = row.failed_told_at = None
    row.error_code = row.error_detail = ""
    later = timedelta(days=1) if not row.url else None
    _next(row, due, lambda: now + later if later else reading_times.after_success(now, pace(), random.random()))  # noqa: S311 - spreads


def _believes(row: ImportedCalendar, due: Due, now: datetime) -> bool:
    """Whether an empty file is believed; else it is asked for again, whole."""
    if reading_times.believes_empty(now, row.empty_since, pace()):
        return True
    since = row.empty_since = row.empty_since or now
    row.etag, row.modified, row.digest = "", "", b""
    row.error_code = "empty_doubted"
    _next(row, due, lambda: reading_times.after_empty(now, since, pace(), random.random()))  # noqa: S311 - spreads
    return False


def _next(row: ImportedCalendar, due: Due, moment: Callable[[], datetime]) -> None:
    """When it is read next, unless the host asked for a reading meanwhile."""
    if row.due_at >= due.lease:
        row.due_at = moment()


def forget_past(now: datetime) -> int:
    """A daily job: deletes past entries whose nights are over, and closed nights that no reader was served for a month."""
    yesterday = now.date() - timedelta(1)
    gone, _ = PastEntry.objects.filter(nights__endswith__lt=yesterday).delete()
    closed, _ = ServedClosure.objects.filter(last_at__lt=now - timedelta(30)).delete()
    return gone + closed
