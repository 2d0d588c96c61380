"""The rules of an offer in the order in which the engine asks them."""

from datetime import datetime
from decimal import Decimal

from negotiation.rules import transitions
from negotiation.rules.negotiation_state import Haggle, Side


def make_offer(h: Haggle, side: Side, *, offer_id: int, amount: Decimal, expires_in: int, now: datetime) -> Haggle:
    """The negotiation with `amount` on the table and the other side to answer; raises what the rules raise."""
    transitions.check_turn(h, side)
    transitions.check_concession(h, side, amount)
    expires_at = transitions.expiry(h, expires_in, now)
    return transitions.place(h, side, offer_id=offer_id, amount=amount, expires_at=expires_at, now=now)
