"""Fetches a negotiation for its parties; for other users it does not exist."""

from __future__ import annotations

from datetime import datetime

from core.errors import not_found
from negotiation.engine.executor import execute_one
from negotiation.moves import Expire
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.snapshots import get_negotiation


def access_negotiation(
    negotiation_id: int, *, user_id: int, now: datetime, only: str | None = None
) -> tuple[NegotiationRecord, Side]:
    """The negotiation and the user's side in it. Where its time is over, it is first written as expired (rule 5).

    Raises not_found for users who are no party; with `only`, also for a user on the other side.
    """
    record = get_negotiation(negotiation_id)
    side = record.side_of(user_id) if record else None
    if record is None or side is None or only not in (None, side):
        raise not_found()
    if record.is_expired(now):
        execute_one(Expire(actor_id=user_id, negotiation_id=negotiation_id), now=now)
        record = get_negotiation(negotiation_id) or record
    return record, side
