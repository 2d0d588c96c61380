"""Jobs for what time brings about. Each does a bounded amount, and any number of them may run at once.

They make things prompt, not correct: the first reader or mover also finds that the time is over (rule 5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.database.rows import fetch_rows
from negotiation.engine.executor import execute
from negotiation.moves import AutoDecline, Expire, NotifyExpiring, Within

# The most negotiations in one run, and how many share a transaction.
MOST = 1000
SHARE = 50
THE_CLOCK = 0

EXPIRED = """
SELECT n.id FROM negotiation_offer o JOIN negotiation_negotiation n ON n.id = o.negotiation_id
WHERE o.status = 'standing' AND o.by <> '' AND o.expires_at <= %(now)s AND n.status = 'open'
ORDER BY n.id LIMIT %(most)s FOR NO KEY UPDATE OF n SKIP LOCKED
"""
QUESTIONS = """
SELECT id FROM negotiation_negotiation WHERE status = 'open' AND question_expires_at <= %(now)s
ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""
LIMITS = """
SELECT id FROM negotiation_negotiation
WHERE (guest_limit_until <= %(now)s OR host_limit_until <= %(now)s) AND status = 'open'
ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""
DECLINED = """
SELECT id FROM negotiation_negotiation WHERE auto_decline_at <= %(now)s
ORDER BY auto_decline_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""
NEXT_DECLINE = "SELECT min(auto_decline_at) AS due FROM negotiation_negotiation WHERE auto_decline_at IS NOT NULL"
# No offer lives longer than a week, so the last tenth of one begins less than 17 hours before its end.
EXPIRING = """
SELECT n.id FROM negotiation_offer o JOIN negotiation_negotiation n ON n.id = o.negotiation_id
WHERE o.status = 'standing' AND o.by <> '' AND o.expires_at > %(now)s AND o.expires_at < %(now)s + interval '17 hours'
    AND o.expires_at - (o.expires_at - o.made_at) / 10 <= %(now)s
    AND n.status = 'open' AND n.expiring_offer_id IS DISTINCT FROM o.id
ORDER BY n.id LIMIT %(most)s FOR NO KEY UPDATE OF n SKIP LOCKED
"""


def expire_offers(now: datetime) -> int:
    """Expires negotiations that are past their time, and tells their parties. Returns how many."""
    return _pass(EXPIRED, Expire, now) + _pass(QUESTIONS, Expire, now) + _pass(LIMITS, Expire, now)


def decline_automatically(now: datetime) -> int:
    """Gives the delayed automatic answers that are due (rule 8), each by itself as a host's. Returns how many."""
    return _pass(DECLINED, AutoDecline, now, share=1)


def next_automatic_decline() -> datetime | None:
    """When the next automatic decline is due."""
    [row] = fetch_rows(NEXT_DECLINE, {})
    return row["due"]


def notify_expiring(now: datetime) -> int:
    """Tells both sides of offers in the last tenth of their life. Returns how many."""
    return _pass(EXPIRING, NotifyExpiring, now)


def _pass(sql: str, kind: type[Within], now: datetime, *, share: int = SHARE) -> int:
    ids = [row["id"] for row in fetch_rows(sql, {"now": now, "most": MOST})]
    moves: list[Any] = [kind(actor_id=THE_CLOCK, negotiation_id=id) for id in ids]
    for start in range(0, len(moves), share):
        execute(moves[start : start + share], now=now)
    return len(ids)
