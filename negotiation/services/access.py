"""Fetching with permission: not a party of it → it does not exist."""

from __future__ import annotations

from datetime import datetime

from core.errors import not_found
from negotiation.engine.executor import execute_one
from negotiation.engine.moves import Lapse
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.snapshots import View, get_view


def access_negotiation(negotiation_id: int, *, user_id: int, now: datetime) -> tuple[View, Side]:
    """The negotiation and the user's side in it; one whose time is over is written down as expired first (rule 5).

    Raises not_found for everybody but its two parties.
    """
    view = get_view(negotiation_id)
    side = view.side_of(user_id) if view else None
    if view is None or side is None:
        raise not_found()
    if view.is_lapsed(now):
        execute_one(Lapse(actor_id=user_id, negotiation_id=negotiation_id), now=now)
        view = get_view(negotiation_id) or view
    return view, side
