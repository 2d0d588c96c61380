"""Reads a guest's own reservations that are neither paid nor answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from bookings.models import Booking
from bookings.rules.deadlines import PROCESSING_GRACE


def find_own_holds(
    *, user_id: int, property_ids: Sequence[int] | None, start: date, end: date, now: datetime
) -> list[tuple[int, int, int]]:
    """(property, booking, calendar entry) of each pending reservation of a guest that touches a night in between.

    It looks at these properties, or at all where they are None.
    """
    ends: Any = Greatest("hold_expires_at", F("processing_since") + PROCESSING_GRACE)
    rows = Booking.objects.alias(ends=ends).filter(
        guest_id=user_id, status=Booking.Status.PENDING, start_date__lt=end,
        end_date__gt=start, ends__gt=now, calendar_entry__isnull=False,
    )  # fmt: skip
    if property_ids is not None:
        rows = rows.filter(property_id__in=property_ids)
    found = rows.order_by("pk").values_list("property_id", "pk", "calendar_entry_id")
    return [(home, pk, entry) for home, pk, entry in found if entry]
