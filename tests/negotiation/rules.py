"""The rules of an offer in the order in which the engine asks them."""

from datetime import datetime
from decimal import Decimal

from negotiation.rules import moves
from negotiation.rules.state import Haggle, Side


def make_offer(h: Haggle, side: Side, *, offer_id: int, amount: Decimal, expires_in: int, now: datetime) -> Haggle:
    """The negotiation with `amount` on the table and the other side to answer; raises what the rules raise."""
    moves.check_turn(h, side)
    moves.check_concession(h, side, amount)
    expires_at = moves.expiry(h, expires_in, now)
    return moves.place(h, side, offer_id=offer_id, amount=amount, expires_at=expires_at, now=now)
