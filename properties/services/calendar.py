"""Takes nights in the calendar and frees them.

Each writer of the calendar holds the property's row. The exclusion constraint decides in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from core import hooks
from core.errors import Code, DomainError, not_found
from properties.models import CalendarEntry, Property
from properties.services.imported_nights import retake_nights_of

NO_OVERLAP = "calendar_no_overlap"


def lock_property(property_id: int) -> Property:
    """The property's row, locked until the transaction ends; first in the order of locks. Raises `not_found`.

    `no_key`: a plain FOR UPDATE would wait for, and deadlock with, the key locks of rows that point here.
    """
    row = Property.objects.select_for_update(no_key=True, of=("self",)).filter(pk=property_id).first()
    if row is None:
        raise not_found()
    return row


def take_nights(
    *,
    property_id: int,
    start_date: date,
    end_date: date,
    kind: str,
    now: datetime,
    held_until: datetime | None = None,
) -> CalendarEntry:
    """Enters a stay, hold or block; the caller has locked the property. Raises `dates.taken`, the rest undone.

    `held_until` is given for a hold and only for one. Holds that are over are deleted; their nights go first to what was
    booked on them on another site.
    """
    nights = DateRange(start_date, end_date)
    over, _ = CalendarEntry.objects.filter(
        property_id=property_id, kind=CalendarEntry.Kind.HOLD, held_until__lte=now, nights__overlap=nights
    ).delete()
    if over:
        retake_nights_of(property_id, now)
    try:
        with transaction.atomic():
            entry = CalendarEntry.objects.create(
                property_id=property_id, kind=kind, nights=nights, held_until=held_until, created_at=now
            )
    except IntegrityError as error:
        raise_taken(error)
        raise
    hooks.nights_changed(property_id=property_id, now=now)
    return entry


def raise_taken(error: IntegrityError) -> None:
    """Raises `dates.taken` for a violation of the calendar's constraint; returns for any other."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name == NO_OVERLAP:
        raise DomainError(Code.DATES_TAKEN, "Some of these nights are taken.") from error


def free_nights(entry_id: int, *, property_id: int, now: datetime) -> None:
    """Frees the nights of an entry; the caller has locked the property. Does nothing where the entry is gone.

    Nights with a booking on another site stay taken by it.
    """
    CalendarEntry.objects.filter(pk=entry_id).delete()
    retake_nights_of(property_id, now)
    hooks.nights_changed(property_id=property_id, now=now)


def drop_entries(entry_ids: Sequence[int], *, property_id: int, now: datetime) -> None:
    """Frees the nights of several entries, as `free_nights` does."""
    CalendarEntry.objects.filter(pk__in=entry_ids, property_id=property_id).delete()
    retake_nights_of(property_id, now)
    hooks.nights_changed(property_id=property_id, now=now)


def move_nights(
    entry_id: int,
    *,
    property_id: int,
    start_date: date,
    end_date: date,
    instead_of: Sequence[int] = (),
    name_it: Callable[[CalendarEntry], None],
    now: datetime,
) -> None:
    """Moves a stay to other nights, under a new entry, and deletes its old entry and the holds in `instead_of`. The caller has
    locked the property. Raises `dates.taken`, and undoes the rest.

    The old entry is deleted, so that echoes of it on other sites are recognised; before that `name_it` makes the booking name
    the new entry. The constraint is checked when all is in place.
    """
    try:
        with transaction.atomic():
            _check_overlaps("DEFERRED")
            CalendarEntry.objects.filter(pk__in=instead_of, property_id=property_id).delete()
            entry = take_nights(
                property_id=property_id, start_date=start_date, end_date=end_date, kind=CalendarEntry.Kind.STAY, now=now
            )
            name_it(entry)
            CalendarEntry.objects.filter(pk=entry_id).delete()
            _check_overlaps("IMMEDIATE")
    except IntegrityError as error:
        raise_taken(error)
        raise
    retake_nights_of(property_id, now)
    hooks.nights_changed(property_id=property_id, now=now)


def _check_overlaps(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {NO_OVERLAP} {when}")
