"""Reads a guest's own reservations that are neither paid nor answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from bookings.models import Booking
from bookings.rules.deadlines import PROCESSING_GRACE
from core.database.compiled_queries import CompiledQuery, OneOf, Slot


def _pending() -> QuerySet[Booking]:
    ends: Any = Greatest("hold_expires_at", F("processing_since") + PROCESSING_GRACE)
    return (
        Booking.objects.alias(ends=ends)
        .filter(
            guest_id=Slot("user"), status=Booking.Status.PENDING, start_date__lt=Slot("end"),
            end_date__gt=Slot("start"), ends__gt=Slot("now"), calendar_entry__isnull=False,
        )
        .order_by("pk")
    )  # fmt: skip


COLUMNS = ("property_id", "pk", "calendar_entry_id")
_ANYWHERE = CompiledQuery(lambda: _pending().values_list(*COLUMNS))
_THERE = CompiledQuery(lambda: _pending().filter(OneOf("property_id", Slot("homes"))).values_list(*COLUMNS))


def find_own_holds(
    *, user_id: int, property_ids: Sequence[int] | None, start: date, end: date, now: datetime
) -> list[tuple[int, int, int]]:
    """(property, booking, calendar entry) of each pending reservation of a guest that touches a night in between.

    It looks at these properties, or at all where they are None.
    """
    asked: dict[str, Any] = {"user": user_id, "start": start, "end": end, "now": now}
    return _ANYWHERE(**asked) if property_ids is None else _THERE(**asked, homes=list(property_ids))
