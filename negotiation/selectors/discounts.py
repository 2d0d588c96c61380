"""What was haggled off: one row for each agreed price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

# The newest; more dots than these would be one blot.
MOST = 300
AGREED = """
SELECT b.created_at::date, round(100 * (n.list_amount - b.base_price) / n.list_amount, 1), p.title
  FROM negotiation_negotiation n
  JOIN bookings_booking b ON b.id = n.booking_id
  JOIN properties_property p ON p.id = n.property_id
 WHERE n.property_id = ANY(%s) AND n.status = 'accepted' AND b.created_at >= %s AND n.list_amount > 0
 ORDER BY b.created_at DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A price that both said yes to: when (UTC), how many per cent below list, and for which home."""

    day: date
    percent: float
    home: str


def list_agreed_discounts(property_ids: Sequence[int], since: date) -> list[Agreed]:
    """The agreed prices of these homes since then, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(AGREED, [list(property_ids), since, MOST])
        return [Agreed(day, float(percent), home) for day, percent, home in reversed(cursor.fetchall())]
