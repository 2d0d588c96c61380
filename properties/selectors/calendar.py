"""Reads which nights are taken. A hold whose time is over takes none, even before a job removes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet

from core import hooks
from core.database.compiled_queries import CompiledQuery, OneOf, Slot
from properties.models import CalendarEntry
from properties.rules.spans import span_of


def entries_in(property_id: int, start: date, end: date, now: datetime) -> QuerySet[CalendarEntry]:
    """Stays, blocks and holds still running at `now` that touch a night from `start` to before `end`."""
    return CalendarEntry.objects.filter(
        Q(held_until=None) | Q(held_until__gt=now), property_id=property_id, nights__overlap=DateRange(start, end)
    )


_TAKEN = CompiledQuery(
    lambda: CalendarEntry.objects.filter(
        Q(held_until=None) | Q(held_until__gt=Slot("now")), ~Q(OneOf("pk", Slot("but"))),
        property_id=Slot("home"), nights__overlap=Slot("nights"),
    ).values_list("pk")[:1]
)  # fmt: skip


def list_taken(
    property_id: int, start: date, end: date, now: datetime, *, but: Sequence[int] = ()
) -> list[tuple[date, date]]:
    """The nights taken between `start` and `end`, as half-open spans within them, neighbours joined.

    Entries in `but` are left out.
    """
    taken_by = entries_in(property_id, start, end, now).exclude(pk__in=but)
    rows = taken_by.order_by("nights").values_list("nights", flat=True)
    taken: list[tuple[date, date]] = []
    for nights in rows:
        first, last = span_of(nights)
        first, last = max(first, start), min(last, end)
        if taken and taken[-1][1] == first:
            first = taken.pop()[0]
        taken.append((first, last))
    return taken


def has_free_nights(
    *, property_id: int, start_date: date, end_date: date, now: datetime, but: Sequence[int] = ()
) -> bool:
    """Whether no night from `start_date` to before `end_date` is taken, some entries left out. Windows are not checked."""
    return not _TAKEN(home=property_id, nights=DateRange(start_date, end_date), now=now, but=list(but))


def own_holds(
    user_id: int, property_ids: Sequence[int] | None, start: date, end: date, now: datetime
) -> list[tuple[int, int, int]]:
    """(property, booking, calendar entry) of each hold that a user has not paid yet and that touches these nights.

    It looks at these properties, or at all where they are None; bookings says whose hold an entry is.
    """
    held = hooks.own_holds(user_id=user_id, property_ids=property_ids, start=start, end=end, now=now)
    return [hold for found in held for hold in found]


def own_entries(user_id: int | None, property_id: int, start: date, end: date, now: datetime) -> list[int]:
    """The calendar entries of a user's own unpaid holds at a property; they do not block that user."""
    return [entry for _, _, entry in own_holds(user_id, [property_id], start, end, now)] if user_id else []
