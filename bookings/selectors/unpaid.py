"""Reads which guests owe money, and which did not pay in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from bookings.rules.pauses import LOOKED_BACK, pause_ends
from core.database.conversation import Question, Rows
from core.database.plain import answer
from core.database.prepared_statements import Prepared

Pair = tuple[int, int]

# A running payment carries a hold or a deadline 30 minutes further (rules/deadlines.py says the same of one booking).
_COUNT = Prepared(
    "unpaid_count",
    ["bigint[]", "timestamptz"],
    """
SELECT guest_id, count(*) AS count FROM bookings_booking
 WHERE guest_id = ANY($1) AND status IN ('pending', 'confirmed') AND payment_status IN ('due', 'processing')
   AND GREATEST(CASE status WHEN 'pending' THEN hold_expires_at ELSE pay_by END,
                processing_since + interval '30 minutes') > $2
 GROUP BY guest_id
""",
)


def ask_unpaid(guest_ids: Iterable[int], *, now: datetime) -> Question[dict[int, int]]:
    """guest → number of unpaid holds, requests and agreed bookings that have not run out of time; guests with 0 are left out."""
    return Question(_COUNT(list(guest_ids), now), lambda rows: {row["guest_id"]: row["count"] for row in rows})


def count_unpaid(guest_ids: Iterable[int], *, now: datetime) -> dict[int, int]:
    """The answer to `ask_unpaid`."""
    return answer(ask_unpaid(guest_ids, now=now))


# Agreed stays that were not paid, and holds that their guest let run out or cancelled, each with the moment of its end, even
# before the clock's job has run. A request that the host left unanswered is not among them.
_ENDS = Prepared(
    "guest_pauses",
    ["bigint[]", "bigint[]", "timestamptz", "timestamptz"],
    """
SELECT b.guest_id, b.property_id, b.confirmed_at IS NOT NULL AS agreed,
       CASE WHEN b.status IN ('cancelled', 'expired') THEN b.ended_at
            ELSE GREATEST(CASE b.status WHEN 'pending' THEN b.hold_expires_at ELSE b.pay_by END,
                          b.processing_since + interval '30 minutes') END AS ended_at
  FROM unnest($1, $2) AS u(guest_id, property_id)
  JOIN bookings_booking b ON b.guest_id = u.guest_id AND b.property_id = u.property_id
 WHERE b.updated_at > $3
   AND (b.unpaid
        OR b.status IN ('pending', 'confirmed') AND b.payment_status IN ('due', 'processing')
           AND (b.instant OR b.status = 'confirmed')
           AND GREATEST(CASE b.status WHEN 'pending' THEN b.hold_expires_at ELSE b.pay_by END,
                        b.processing_since + interval '30 minutes') <= $4
        OR b.confirmed_at IS NULL
           AND (b.status = 'expired' AND b.instant OR b.status = 'cancelled' AND b.ended_by = 'guest'))
""",
)


def paused_until(guest_id: int, property_id: int, now: datetime) -> datetime | None:
    """Until when a guest neither opens nor reserves on that property (rules/pauses.py); None: may at once."""
    return answer(ask_pauses([(guest_id, property_id)], now=now)).get((guest_id, property_id))


def ask_pauses(pairs: Sequence[Pair], *, now: datetime) -> Question[dict[Pair, datetime]]:
    """(guest, property) → until when that guest is paused there; `paused_until` for many in one query."""

    def read(rows: Rows) -> dict[Pair, datetime]:
        unpaid: dict[Pair, list[datetime]] = defaultdict(list)
        held: dict[Pair, list[datetime]] = defaultdict(list)
        for row in rows:
            (unpaid if row["agreed"] else held)[row["guest_id"], row["property_id"]].append(row["ended_at"])
        found = {pair: pause_ends(unpaid=unpaid[pair], held=held[pair]) for pair in {*unpaid, *held}}
        return {pair: until for pair, until in found.items() if until is not None and until > now}

    guests, homes = [guest for guest, _ in pairs], [home for _, home in pairs]
    return Question(_ENDS(guests, homes, now - LOOKED_BACK, now), read)
