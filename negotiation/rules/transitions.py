"""State × move × side × now → new state, or a named refusal.

The checks of each move stand in the order of docs/protocol.md: closed, expired, stale, not_your_turn, limit_reached,
not_a_concession. Whether the mover is a party, and of which offer they speak, was settled before (`not_found`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.errors import Code, DomainError, invalid
from core.money import CENT, ZERO, money
from core.said import as_said, said
from negotiation.rules.negotiation_state import Haggle, Side, StandingOffer

# For the catalogue: refusals name a side or how a negotiation ended.
SIDE_WORDS = (said("guest"), said("host"))
STATUS_WORDS = (
    said("accepted"),
    said("declined"),
    said("withdrawn"),
    said("expired"),
    said("superseded"),
    said("closed"),
)


def expire(h: Haggle, now: datetime) -> Haggle | None:
    """The negotiation as expired, where its time is over; None while it is not (rule 5)."""
    if h.status == "open" and h.expires_at <= now:
        return end(h, "expired")
    return None


def end(h: Haggle, status: str) -> Haggle:
    """The negotiation ended with `status`: nothing stands, it is no side's turn, and sealed limits are gone."""
    return replace(h, status=status, turn=None, standing=None, guest_sealed=None, host_sealed=None)


def expiry(h: Haggle, expires_in: int, now: datetime) -> datetime:
    """When an offer made now for `expires_in` seconds ends: never after 20:00 of the check-in day."""
    return min(now + timedelta(seconds=expires_in), h.latest_offer_at)


def bounds(h: Haggle, side: Side) -> tuple[Decimal, Decimal]:
    """(above, below), both excluded: what `side` may name and be conceding (rule 3).

    A first ask may be the list amount itself, so there `below` is a hundredth more.
    """
    standing = h.standing.amount if h.standing and h.standing.by != side else None
    if side == "guest":
        return h.last_bid or ZERO, standing if standing is not None else h.list_amount
    below = h.last_ask if h.last_ask is not None else h.list_amount + CENT
    return standing if standing is not None else ZERO, below


def check_turn(h: Haggle, side: Side) -> None:
    """Raises unless `side` may name a price now: closed, expired, not_your_turn, limit_reached."""
    check_open(h)
    if h.turn is not None and h.turn != side:
        raise _not_your_turn(h)
    if h.left(side) <= 0:
        raise DomainError(Code.OFFER_LIMIT_REACHED, "You have no offer left; accept or decline the one that stands.")


def check_concession(h: Haggle, side: Side, amount: Decimal) -> None:
    """Raises offer.not_a_concession unless `amount` lies strictly between the bounds."""
    above, below = bounds(h, side)
    if not above < amount < below:
        raise DomainError(
            Code.OFFER_NOT_A_CONCESSION,
            said(
                "Name an amount above %(above)s and below %(below)s, or accept what stands.",
                above=money(above),
                below=money(below),
            ),
            params={"above": money(above), "below": money(below)},
        )


def place(h: Haggle, side: Side, *, offer_id: int, amount: Decimal, expires_at: datetime, now: datetime) -> Haggle:
    """The state after an offer that was found good."""
    standing = StandingOffer(offer_id, side, amount, now, expires_at)
    if side == "guest":
        return replace(
            h,
            turn="host",
            standing=standing,
            last_bid=amount,
            guest_offers_left=h.guest_offers_left - 1,
            expires_at=expires_at,
        )
    return replace(
        h,
        turn="guest",
        standing=standing,
        last_ask=amount,
        host_offers_left=h.host_offers_left - 1,
        expires_at=expires_at,
    )


def accept_offer(h: Haggle, side: Side, *, offer_id: int) -> Haggle:
    """The negotiation agreed. Raises: negotiation.closed, offer.expired, offer.stale, offer.not_your_turn."""
    _check_answerable(h, side, offer_id)
    return end(h, "accepted")


def decline_offer(h: Haggle, side: Side, *, offer_id: int) -> Haggle:
    """The negotiation declined. Raises as `accept_offer`."""
    _check_answerable(h, side, offer_id)
    return end(h, "declined")


def withdraw_offer(h: Haggle, side: Side, *, offer_id: int) -> Haggle:
    """The negotiation ended by the maker taking the standing offer back.

    Raises: negotiation.closed, offer.expired, offer.stale, not_allowed (the other side's offer).
    """
    standing = _check_standing(h, offer_id)
    if standing.by != side:
        raise DomainError(Code.NOT_ALLOWED, "Only the side that made an offer may withdraw it.")
    return end(h, "withdrawn")


def extend_offer(h: Haggle, side: Side, *, offer_id: int, expires_in: int, now: datetime) -> Haggle:
    """The maker's standing offer with a later end. Costs no turn and no offer.

    Raises: negotiation.closed, offer.expired, offer.stale, offer.not_your_turn, invalid.
    """
    standing = _check_standing(h, offer_id)
    if standing.by != side:
        raise _not_your_turn(h)
    expires_at = expiry(h, expires_in, now)
    if expires_at <= max(now, standing.expires_at):
        raise invalid(expires_in="Choose a time that ends later than the offer already does.")
    return replace(h, standing=replace(standing, expires_at=expires_at), expires_at=expires_at)


def close_question(h: Haggle) -> Haggle:
    """A question ended by either side. Raises: negotiation.closed, not_allowed once an offer was made."""
    if not h.is_question:
        raise DomainError(Code.NOT_ALLOWED, "Offers were made; decline or withdraw the one that stands.")
    if h.status != "open":
        raise closed(h)
    return end(h, "closed")


def check_message(h: Haggle, now: datetime, *, stay_ends_at: datetime | None = None) -> None:
    """Raises negotiation.closed unless it is open, or agreed and the stay not over (rule 2).

    `stay_ends_at`: when the stay ends, where that may be another moment than was agreed here.
    """
    if h.status == "open" or (h.status == "accepted" and now < (stay_ends_at or h.check_out_at)):
        return
    raise closed(h)


def closed(h: Haggle) -> DomainError:
    """The error of a move on an ended negotiation."""
    return DomainError(
        Code.NEGOTIATION_CLOSED,
        said("This negotiation is over: %(status)s.", status=as_said(h.status)),
        params={"status": h.status},
    )


def check_open(h: Haggle) -> None:
    """Raises offer.expired or negotiation.closed unless it is open."""
    if h.status == "expired":
        raise DomainError(Code.OFFER_EXPIRED, "The offer's time is over, and with it the negotiation. Ask again.")
    if h.status != "open":
        raise closed(h)


def _check_answerable(h: Haggle, side: Side, offer_id: int) -> None:
    standing = _check_standing(h, offer_id)
    if standing.by == side:
        raise _not_your_turn(h)


def _check_standing(h: Haggle, offer_id: int) -> StandingOffer:
    check_open(h)
    if h.standing is None or h.standing.id != offer_id:
        standing = h.standing and {"id": h.standing.id, "amount": money(h.standing.amount), "by": h.standing.by}
        raise DomainError(Code.OFFER_STALE, "Another offer stands by now.", params={"offer": standing})
    return h.standing


def _not_your_turn(h: Haggle) -> DomainError:
    return DomainError(Code.OFFER_NOT_YOUR_TURN, "It is the other side's turn.", params={"turn": h.turn})
