"""Sealed limits (rule 10): the most that the guest, the least that the host would agree to. Only its owner sees a limit.

State × seal × side × bounds. The comparison is made once, when the second limit is sealed; what an accept would check is
checked before it, so that a refusal says nothing of the figures. Figures leave this module only as the price half-way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from core.errors import Code, DomainError
from core.money import CENT, ZERO, money, round_money
from core.said import said
from negotiation.rules.negotiation_state import OTHER, SIDES, Haggle, Sealed, Side
from negotiation.rules.transitions import check_open

Word = Literal["none", "sealed", "spent"]

SEALS_A_SIDE = 3
# One comparison a guest, property and overlapping nights in this time.
COMPARED_EVERY = timedelta(days=7)
# A guest who cancelled a met stay this soon, or left it unpaid, seals nothing at that host's homes for so long.
REGRET_WITHIN, REGRET_PAUSE = timedelta(hours=24), timedelta(days=30)


def word(h: Haggle, side: Side) -> Word:
    """The word that both sides see for the limit of `side`."""
    if h.compared_at is not None:
        return "spent"
    return "none" if h.sealed(side) is None else "sealed"


def bounds(h: Haggle, side: Side) -> tuple[Decimal, Decimal]:
    """(above, below), both excluded, of a limit that `side` may seal. It may equal the own last offer, a host's the list."""
    if side == "guest":
        above = h.last_bid - CENT if h.last_bid is not None else ZERO
        return above, h.last_ask if h.last_ask is not None else h.list_amount
    return h.last_bid or ZERO, (h.last_ask if h.last_ask is not None else h.list_amount) + CENT


def check_sealable(h: Haggle, side: Side) -> None:
    """Raises unless `side` may seal a limit now: closed, expired, already_sealed, spent, limit_reached."""
    check_open(h)
    if h.compared_at is not None:
        raise spent()
    if h.sealed(side) is not None:
        raise DomainError(Code.LIMIT_ALREADY_SEALED, "Your limit is sealed already; take it back to name another.")
    if h.seals(side) >= SEALS_A_SIDE:
        raise DomainError(
            Code.OFFER_LIMIT_REACHED,
            said("You have sealed %(most)s limits here; there is no further one.", most=SEALS_A_SIDE),
        )


def check_bounds(h: Haggle, side: Side, amount: Decimal) -> None:
    """Raises offer.not_a_concession unless `amount` may be the limit of `side`."""
    above, below = bounds(h, side)
    if not above < amount < below:
        raise DomainError(
            Code.OFFER_NOT_A_CONCESSION,
            said("Seal a limit above %(above)s and below %(below)s.", above=money(above), below=money(below)),
            params={"above": money(above), "below": money(below)},
        )


def check_comparable(*, compared_at: datetime | None, now: datetime) -> None:
    """Raises offer.limit_reached where limits for these nights were compared in the last seven days (no factor)."""
    if compared_at is not None and compared_at + COMPARED_EVERY > now:
        raise pause("Limits for these nights were compared a few days ago.", compared_at + COMPARED_EVERY, now)


def check_regrets(*, paused_until: datetime | None, now: datetime) -> None:
    """Raises offer.limit_reached for a guest who gave a met stay of this host back at once (no factor)."""
    if paused_until is not None and paused_until > now:
        raise pause("You gave a stay back that two limits had agreed on; make open offers here.", paused_until, now)


def pause(message: str, until: datetime, now: datetime) -> DomainError:
    """offer.limit_reached with the whole seconds to wait."""
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return DomainError(Code.OFFER_LIMIT_REACHED, message, params={"retry_after": seconds})


def spent() -> DomainError:
    """The error of sealing or unsealing where there is nothing left to seal or take back."""
    return DomainError(Code.LIMIT_SPENT, "There is no sealed limit of yours to compare here (any more).")


def until(h: Haggle, expires_in: int, now: datetime) -> datetime:
    """When a limit sealed now for `expires_in` seconds ends: as an offer, never after 20:00 of the check-in day."""
    return min(now + timedelta(seconds=expires_in), h.latest_offer_at)


def seal(h: Haggle, side: Side, sealed: Sealed) -> Haggle:
    """The state with a limit that was found good. Turn, clock and offers left stay as they are."""
    if side == "guest":
        return replace(h, guest_sealed=sealed, guest_seals=h.guest_seals + 1)
    return replace(h, host_sealed=sealed, host_seals=h.host_seals + 1)


def unseal(h: Haggle, side: Side) -> Haggle:
    """The own limit taken back. Raises: negotiation.closed, offer.expired, limit.spent."""
    check_open(h)
    if h.compared_at is not None or h.sealed(side) is None:
        raise spent()
    return erase(h, side)


def erase(h: Haggle, side: Side) -> Haggle:
    """The state without the limit of `side`."""
    return replace(h, guest_sealed=None) if side == "guest" else replace(h, host_sealed=None)


def ended_by_time(h: Haggle, now: datetime) -> list[Side]:
    """Sides whose limit's time is over, the earlier first; a limit that outlives the negotiation ends with it."""
    if h.status != "open":
        return []
    over = [(s.until, side) for side in SIDES if (s := h.sealed(side)) is not None and s.until <= now]
    return [side for at, side in sorted(over) if at < h.expires_at]


def is_beyond(h: Haggle, side: Side, amount: Decimal) -> bool:
    """Whether an open offer of `side` goes past its own limit, which then ends."""
    own = h.sealed(side)
    if own is None:
        return False
    return amount > own.amount if side == "guest" else amount < own.amount


def both_sealed(h: Haggle) -> bool:
    """Whether the comparison is due."""
    return h.guest_sealed is not None and h.host_sealed is not None


def other_sealed(h: Haggle, side: Side) -> bool:
    """Whether a limit of `side`, sealed now, would be compared."""
    return h.sealed(OTHER[side]) is not None


def meeting(h: Haggle, unit: Decimal = CENT) -> Decimal | None:
    """The price half-way between limits that meet, half up to the currency's smallest `unit`; None where they do not.

    Raises LookupError unless both are sealed.
    """
    guest, host = h.guest_sealed, h.host_sealed
    if guest is None or host is None:
        raise LookupError("only one limit is sealed")
    return round_money((guest.amount + host.amount) / 2, unit) if guest.amount >= host.amount else None


def spend(h: Haggle, now: datetime) -> Haggle:
    """The state after both limits were compared: their figures are erased for good."""
    return replace(h, guest_sealed=None, host_sealed=None, compared_at=now)
