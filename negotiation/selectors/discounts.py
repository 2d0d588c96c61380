"""Reads the discounts that were agreed: one row for each agreed price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.database.rows import fetch_rows

# The newest so many; more dots would be one blot.
MOST = 300
AGREED = """
SELECT b.created_at::date AS day, round(100 * (n.list_amount - b.base_price) / n.list_amount, 1) AS percent, p.title AS home
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
    rows = fetch_rows(AGREED, [list(property_ids), since, MOST])
    return [Agreed(row["day"], float(row["percent"]), row["home"]) for row in reversed(rows)]
