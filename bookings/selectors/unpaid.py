"""Who owes money, and who did not pay in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from bookings.models import Booking
from bookings.rules.deadlines import UNPAID_PAUSE

# A running payment carries a hold or a deadline 30 minutes further (rules/deadlines.py says the same of one booking).
_COUNT = """
SELECT guest_id, count(*) FROM bookings_booking
 WHERE guest_id = ANY(%s) AND status IN ('pending', 'confirmed') AND payment_status IN ('due', 'processing')
   AND GREATEST(CASE status WHEN 'pending' THEN hold_expires_at ELSE pay_by END,
                processing_since + interval '30 minutes') > %s
 GROUP BY guest_id
"""


def count_unpaid(guest_ids: Iterable[int], *, now: datetime) -> dict[int, int]:
    """guest → unpaid holds, requests and agreed bookings; what has run out of time is not counted. 0 is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(guest_ids), now])
        return dict(cursor.fetchall())


def paused_until(guest_id: int, property_id: int, now: datetime) -> datetime | None:
    """Until when a guest who did not pay in time neither opens nor reserves on that property; None: may at once."""
    latest = (
        Booking.objects.filter(guest_id=guest_id, property_id=property_id, unpaid=True, ended_at__gt=now - UNPAID_PAUSE)
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)
        .first()
    )
    return latest + UNPAID_PAUSE if latest else None


def list_pauses(pairs: Sequence[tuple[int, int]], *, now: datetime) -> dict[tuple[int, int], datetime]:
    """(guest, property) → until when that guest is paused there; `paused_until` for many in one query."""
    ended = (
        Booking.objects.filter(
            guest_id__in={guest for guest, _ in pairs},
            property_id__in={home for _, home in pairs},
            unpaid=True,
            ended_at__gt=now - UNPAID_PAUSE,
        )
        .order_by("ended_at")
        .values_list("guest_id", "property_id", "ended_at")
    )
    return {(guest, home): at + UNPAID_PAUSE for guest, home, at in ended if at}
