"""Blocks nights and frees them again, under the property's lock, never over a stay or a hold."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from core import hooks
from core.api.idempotency import Plain, run_once
from core.errors import Code, DomainError
from core.said import said
from properties.models import CalendarEntry, Property
from properties.rules.spans import Span, joined, span_of, without
from properties.selectors.calendar import entries_in
from properties.selectors.today import today_at
from properties.services.calendar import take_nights
from properties.services.imported_nights import retake_nights
from properties.services.ownership import lock_own_property
from properties.services.windows import windows_of, write_windows

BLOCK, ELSEWHERE = CalendarEntry.Kind.BLOCK, CalendarEntry.Kind.ELSEWHERE


def change_interval(
    verb: str, *, property_id: int, start_date: date, end_date: date, actor: User, key: str | None, now: datetime
) -> Plain:
    """Blocks or frees (`verb`) the nights, once for each `key`. Raises what `block_nights` and `free_interval` raise."""
    change = {"block": block_nights, "free": free_interval}[verb]
    nights = {"property_id": property_id, "start_date": start_date.isoformat(), "end_date": end_date.isoformat()}

    def do() -> Plain:
        change(property_id=property_id, start_date=start_date, end_date=end_date, actor=actor, now=now)
        return nights

    return run_once(account_id=actor.pk, key=key, kind=f"property.{verb}", fields=nights, now=now, do=do).outcome


def block_nights(*, property_id: int, start_date: date, end_date: date, actor: User, now: datetime) -> None:
    """Blocks the nights; some of them may be blocked already.

    Raises `not_found`, `dates.invalid` for nights that have passed, `dates.taken` over a stay or a hold.
    """
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        span = _from_today(row, start_date, end_date, now)
        whole = _absorb(row, span, now)
        take_nights(property_id=row.pk, start_date=whole[0], end_date=whole[1], kind=BLOCK, now=now)
        retake_nights(row, now)


def free_interval(*, property_id: int, start_date: date, end_date: date, actor: User, now: datetime) -> None:
    """Removes blocks from the nights and opens those outside the windows.

    Raises `not_found`, `dates.invalid` for nights that have passed, `dates.taken` over a stay or a hold.
    """
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        span = _from_today(row, start_date, end_date, now)
        in_the_way = set(entries_in(row.pk, *span, now).exclude(kind=BLOCK).values_list("kind", flat=True))
        if in_the_way:
            raise _taken() if in_the_way != {ELSEWHERE} else _taken_elsewhere()
        for rest in without(_pop_blocks(row, span), [span]):
            take_nights(property_id=row.pk, start_date=rest[0], end_date=rest[1], kind=BLOCK, now=now)
        if not row.always_open:
            write_windows(row, joined([*windows_of(row), span]))
        retake_nights(row, now)
        hooks.nights_changed(property_id=row.pk, now=now)


def _from_today(row: Property, start: date, end: date, now: datetime) -> Span:
    today = today_at(row, now)
    if end <= today:
        text = said("Those nights have passed.")
        raise DomainError(Code.DATES_INVALID, text, fields={"end_date": [text]})
    return max(start, today), end


def _absorb(row: Property, span: Span, now: datetime) -> Span:
    """Joins the nights with the blocks that they overlap, and deletes those and entries of other sites on them."""
    if entries_in(row.pk, *span, now).exclude(kind__in=(BLOCK, ELSEWHERE)).exists():
        raise _taken()
    whole = joined([span, *_pop_blocks(row, span)])[0]
    CalendarEntry.objects.filter(property=row, kind=ELSEWHERE, nights__overlap=DateRange(*whole)).delete()
    return whole


def _pop_blocks(row: Property, span: Span) -> list[Span]:
    blocks = CalendarEntry.objects.filter(property=row, kind=BLOCK, nights__overlap=DateRange(*span))
    spans = [span_of(block.nights) for block in blocks]
    blocks.delete()
    return spans


def _taken_elsewhere() -> DomainError:
    text = said("Another site has a booking on these nights: cancel it there, or remove that site's calendar here.")
    return DomainError(Code.DATES_TAKEN, text, fields={"start_date": [text]})


def _taken() -> DomainError:
    text = said("There is a stay or a reservation on these nights.")
    return DomainError(Code.DATES_TAKEN, text, fields={"start_date": [text]})
