"""Earnings for a host's insight; one query, however many properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.database.replica import reading
from core.money import round_money

# The host's share of what was paid and not given back, without fee and tax, each booking rounded once as
# `bookings.rules.earnings` does; of a stay paid on arrival all of it.
REVENUE = """
SELECT b.property_id, date_trunc('month', b.start_date)::date,
       sum(CASE WHEN b.payment_status = 'on_arrival' THEN b.total - b.platform_fee - b.tax
                ELSE round(coalesce(l.kept, 0) * (b.total - b.platform_fee - b.tax) / b.total, 2) END)
  FROM bookings_booking b
  LEFT JOIN LATERAL (SELECT sum(amount) AS kept FROM bookings_ledgerline WHERE booking_id = b.id) l ON true
 WHERE b.property_id = ANY(%s) AND b.start_date >= %s AND b.start_date < %s AND b.total > 0
   AND (b.payment_status <> 'on_arrival' OR b.status IN ('confirmed', 'completed'))
 GROUP BY 1, 2
"""


def sum_revenue_by_month(ids: Sequence[int], first: date, end: date) -> dict[tuple[int, date], Decimal]:
    """(property, month of check-in) → the host's earnings in the property's currency, from `first` to before `end`."""
    with reading().cursor() as cursor:
        cursor.execute(REVENUE, [list(ids), first, end])
        return {(property_id, month): round_money(total) for property_id, month, total in cursor.fetchall()}
