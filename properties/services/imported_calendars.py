"""A host adds, removes and asks for calendars of other sites. Under the property's lock, so that ten a home are never passed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.api.idempotency import run_once
from core.errors import Code, DomainError, invalid, not_found
from core.outbound.public_addresses import AddressRefused, read_url
from core.said import said
from properties.calendar_words import said_of
from properties.importing.interpreter import interpret_upload
from properties.models import ImportedCalendar, Property
from properties.rules.ical.limits import MOST_BYTES
from properties.rules.ical.problems import CalendarProblem
from properties.selectors.ownership import get_own_property
from properties.services.calendar_readings import pack, place_of, write_reading
from properties.services.imported_nights import retake_nights
from properties.services.ownership import lock_own_property

MOST_A_HOME = 10


def add_calendar(
    *,
    property_id: int,
    name: str,
    url: str,
    file: UploadedFile | None = None,
    actor: User,
    key: str | None,
    now: datetime,
) -> tuple[int, bool]:
    """Adds a calendar by its address or as a file; its id, and whether it is new. Raises what the two below raise."""
    if file is None:
        name = name or _host_of(url)
        return add_address(property_id=property_id, name=name, url=url, actor=actor, key=key, now=now), True
    name = (name or file.name or "")[:100] or _("Calendar")
    # Refused by its size before any of it is looked at.
    body = file.read(MOST_BYTES + 1)
    return add_file(property_id=property_id, name=name, file=body, actor=actor, now=now)


def add_address(*, property_id: int, name: str, url: str, actor: User, key: str | None, now: datetime) -> int:
    """A calendar by its address, to be read within a minute, once for each `key`; its id.

    Raises `not_found`, `invalid` (url), `calendar.limit_reached`.
    """
    get_own_property(property_id, actor)
    _check_url(url)

    def do() -> dict[str, int]:
        row = lock_own_property(property_id, actor)
        _check_number(row)
        return {"calendar": _new(row, name, now, url=url).pk}

    fields = {"property_id": property_id, "name": name, "url": url}
    done = run_once(account_id=actor.pk, key=key, kind="property.calendar", fields=fields, now=now, do=do)
    return int(done.outcome["calendar"])


def add_file(*, property_id: int, name: str, file: bytes, actor: User, now: datetime) -> tuple[int, bool]:
    """A calendar as a file, read at once; its id, and whether it is new. One of that name replaces the file before.

    Raises `not_found`, `too_large`, `invalid` (file), `calendar.limit_reached`, `rate_limited`.
    """
    place = place_of(get_own_property(property_id, actor), now)
    if len(file) > MOST_BYTES:
        raise _refused(CalendarProblem("too_large", str(MOST_BYTES // 2**20)), Code.TOO_LARGE)
    try:
        reading = interpret_upload(file, place)
    except CalendarProblem as problem:
        raise _refused(problem, Code.INVALID) from problem
    with transaction.atomic():
        home = lock_own_property(property_id, actor)
        row = home.imported_calendars.filter(name=name, url="").first()
        is_new = row is None
        if row is None:
            _check_number(home)
            row = ImportedCalendar(property=home, name=name, created_at=now)
        row.file, row.status, row.last_read_at = pack(file), ImportedCalendar.Status.GOOD, now
        row.error_code = row.error_detail = ""
        row.due_at = now
        write_reading(home, row, reading, now)
        return row.pk, is_new


def delete_calendar(*, property_id: int, calendar_id: int, actor: User, now: datetime) -> None:
    """Removes a calendar; what it took is free in the same commit. Raises `not_found`."""
    with transaction.atomic():
        home = lock_own_property(property_id, actor)
        deleted, _rows = home.imported_calendars.filter(pk=calendar_id).delete()
        if not deleted:
            raise not_found()
        retake_nights(home, now)


def refresh_calendar(*, property_id: int, calendar_id: int, actor: User, now: datetime) -> None:
    """Has a calendar read next of all. Raises `not_found`. Asked again: still once."""
    home = get_own_property(property_id, actor)
    if not home.imported_calendars.filter(pk=calendar_id).update(due_at=now):
        raise not_found()


def _host_of(url: str) -> str:
    try:
        return (read_url(url, settings.CALENDAR_ALLOW_HOSTS).host or "")[:100]
    except AddressRefused:
        return ""  # refused below


def _check_url(url: str) -> None:
    try:
        read_url(url, settings.CALENDAR_ALLOW_HOSTS)
    except AddressRefused as problem:
        raise invalid(url=said_of(problem.code, problem.detail)) from problem


def _check_number(row: Property) -> None:
    if row.imported_calendars.count() >= MOST_A_HOME:
        text = said("A home follows at most %(most)s calendars; remove one first.", most=MOST_A_HOME)
        raise DomainError(Code.CALENDAR_LIMIT_REACHED, text, params={"limit": MOST_A_HOME})


def _new(row: Property, name: str, now: datetime, *, url: str) -> ImportedCalendar:
    return ImportedCalendar.objects.create(property=row, name=name, url=url, created_at=now, due_at=now)


def _refused(problem: CalendarProblem, code: Code) -> DomainError:
    text = said_of(problem.code, problem.detail)
    return DomainError(code, text, fields={"file": [text]})
