"""What the passing of time does, promptly: each job is one bounded pass, safe beside any number of itself.

Nothing depends on these for correctness: whoever reads or moves first finds time over as well (rule 5).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.models import StoredOutcome
from negotiation.engine.executor import execute
from negotiation.engine.moves import AutoDecline, Lapse, ToldExpiring, Within

# Negotiations a pass takes at the most, and how many share a transaction.
MOST = 1000
SHARE = 50
OUTCOMES_KEPT = timedelta(hours=24)
NOBODY = 0

LAPSED = """
SELECT n.id FROM negotiation_offer o JOIN negotiation_negotiation n ON n.id = o.negotiation_id
WHERE o.status = 'standing' AND o.by <> '' AND o.expires_at <= %(now)s AND n.status = 'open'
ORDER BY n.id LIMIT %(most)s FOR NO KEY UPDATE OF n SKIP LOCKED
"""
QUESTIONS = """
SELECT id FROM negotiation_negotiation WHERE status = 'open' AND question_expires_at <= %(now)s
ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""
DECLINED = """
SELECT id FROM negotiation_negotiation WHERE auto_decline_at <= %(now)s
ORDER BY id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
"""
# No offer lives longer than a week, so the last tenth of one begins less than 17 hours before its end.
EXPIRING = """
SELECT n.id FROM negotiation_offer o JOIN negotiation_negotiation n ON n.id = o.negotiation_id
WHERE o.status = 'standing' AND o.by <> '' AND o.expires_at > %(now)s AND o.expires_at < %(now)s + interval '17 hours'
    AND o.expires_at - (o.expires_at - o.made_at) / 10 <= %(now)s
    AND n.status = 'open' AND n.expiring_offer_id IS DISTINCT FROM o.id
ORDER BY n.id LIMIT %(most)s FOR NO KEY UPDATE OF n SKIP LOCKED
"""


def expire_offers(now: datetime) -> int:
    """Writes down what is past its time; its parties are told. Returns how many."""
    return _pass(LAPSED, Lapse, now) + _pass(QUESTIONS, Lapse, now)


def decline_automatically(now: datetime) -> int:
    """Gives the delayed automatic answers that are due (rule 8). Returns how many."""
    return _pass(DECLINED, AutoDecline, now)


def notify_expiring(now: datetime) -> int:
    """Tells both sides of offers in the last tenth of their life. Returns how many."""
    return _pass(EXPIRING, ToldExpiring, now)


def forget_outcomes(now: datetime) -> int:
    """Removes the outcomes of commands older than 24 hours. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {StoredOutcome._meta.db_table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - our own table
            f"SELECT ctid FROM {StoredOutcome._meta.db_table} WHERE created_at < %s LIMIT 10000))",
            [now - OUTCOMES_KEPT],
        )
        return int(cursor.rowcount)


def _pass(sql: str, kind: type[Within], now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"now": now, "most": MOST})
        ids = [id for (id,) in cursor.fetchall()]
    moves: list[Any] = [kind(actor_id=NOBODY, negotiation_id=id) for id in ids]
    for start in range(0, len(moves), SHARE):
        execute(moves[start : start + SHARE], now=now)
    return len(ids)
