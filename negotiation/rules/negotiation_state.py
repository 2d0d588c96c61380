"""What the rules look at: a negotiation as a frozen value."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.values import value

Side = Literal["guest", "host"]
SIDES: tuple[Side, Side] = ("guest", "host")
OTHER: dict[Side, Side] = {"guest": "host", "host": "guest"}


@value()
class StandingOffer:
    """The offer on the table; `amount` is the price of the whole stay before fee and tax."""

    id: int
    by: Side
    amount: Decimal
    made_at: datetime
    expires_at: datetime
    # "agent": a machine made it for its side.
    via: str | None = None


@value()
class Sealed:
    """A sealed limit: the most a guest, the least a host agrees to. The figure never shows where a value is printed."""

    amount: Decimal = field(repr=False)
    until: datetime


@value()
class Haggle:
    """A negotiation as the rules see it.

    `expires_at` is when it ends if no side moves: its standing offer's end, or a question's.
    `latest_offer_at` is 20:00 of the check-in day at the property: no offer outlives it.
    """

    status: str
    turn: Side | None
    list_amount: Decimal
    standing: StandingOffer | None
    last_bid: Decimal | None
    last_ask: Decimal | None
    guest_offers_left: int
    host_offers_left: int
    expires_at: datetime
    latest_offer_at: datetime
    check_out_at: datetime
    guest_sealed: Sealed | None = None
    host_sealed: Sealed | None = None
    guest_seals: int = 0
    host_seals: int = 0
    # When both limits were compared, which happens once.
    compared_at: datetime | None = None

    @property
    def is_question(self) -> bool:
        """No offer was ever made in it."""
        return self.last_bid is None and self.last_ask is None

    def left(self, side: Side) -> int:
        """How many offers `side` may still make."""
        return self.guest_offers_left if side == "guest" else self.host_offers_left

    def sealed(self, side: Side) -> Sealed | None:
        """The limit of `side` that stands."""
        return self.guest_sealed if side == "guest" else self.host_sealed

    def seals(self, side: Side) -> int:
        """How many limits `side` has sealed here."""
        return self.guest_seals if side == "guest" else self.host_seals
