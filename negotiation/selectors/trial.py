"""Reads the results of each arm of a trial of rules; each negotiation stores its arm when it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.database.rows import fetch_rows

LOOKED_BACK = timedelta(days=90)

# The half-way price of limits that met is an offer that neither side made, and its accept is no move.
FIGURES = """
SELECT n.arm,
    count(*) AS openings,
    count(*) FILTER (WHERE n.status <> 'open') AS ended,
    count(*) FILTER (WHERE n.status = 'accepted') AS booked,
    count(*) FILTER (WHERE n.status = 'expired') AS unanswered,
    count(*) FILTER (WHERE n.guest_seals + n.host_seals > 0) AS seals_offered,
    count(n.compared_at) AS seals_answered,
    count(met.seq) AS seals_met,
    round(avg(2 * (n.terms ->> 'offers_per_side')::int - n.guest_offers_left - n.host_offers_left
        + n.guest_seals + n.host_seals + CASE WHEN met.seq IS NULL THEN 1 ELSE 0 END)
        FILTER (WHERE n.status = 'accepted'), 1) AS moves,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM b.created_at - n.created_at) / 60)
        FILTER (WHERE n.status = 'accepted'))::numeric, 1) AS minutes
FROM negotiation_negotiation n
LEFT JOIN bookings_booking b ON b.id = n.booking_id
LEFT JOIN LATERAL (
    SELECT seq FROM negotiation_entry WHERE negotiation_id = n.id AND kind = 'limit.met' LIMIT 1
) met ON n.compared_at IS NOT NULL AND n.status = 'accepted'
WHERE n.arm <> '' AND n.created_at > %s AND (n.has_offers OR n.guest_seals + n.host_seals > 0)
GROUP BY n.arm ORDER BY n.arm
"""


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """An arm's negotiations in which a first price was named or sealed. `moves` is a mean, `minutes` a median, both of
    those that were agreed (None: none was)."""

    arm: str
    openings: int
    ended: int
    booked: int
    unanswered: int
    seals_offered: int
    seals_answered: int
    seals_met: int
    moves: Decimal | None
    minutes: Decimal | None

    @property
    def booked_percent(self) -> Decimal | None:
        """The share of ended negotiations that were booked, in per cent."""
        return _percent(self.booked, self.ended)

    @property
    def unanswered_percent(self) -> Decimal | None:
        """The share of ended negotiations that expired without an answer, in per cent."""
        return _percent(self.unanswered, self.ended)


def _percent(part: int, whole: int) -> Decimal | None:
    return round(Decimal(100 * part) / whole, 1) if whole else None


def get_trial_figures(now: datetime) -> list[ArmFigures]:
    """The figures of each arm with negotiations in the last 90 days, by name."""
    return [ArmFigures(**row) for row in fetch_rows(FIGURES, [now - LOOKED_BACK])]
