"""The interface of payment gateways. Callers call it outside of transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

# Nothing was taken yet, and the payment may still be captured.
OPEN = "open"
# The gateway works on it by itself.
PROCESSING = "processing"
# The guest must do something at `action_url`.
REQUIRES_ACTION = "requires_action"
SUCCEEDED = "succeeded"
# Refused or voided: this payment never takes anything any more.
FAILED = "failed"
PENDING = "pending"
WON = "won"
LOST = "lost"


class GatewayUnreachable(Exception):
    """No answer came: the request may have been carried out or not."""


class NoSuchList(GatewayUnreachable):
    """The gateway keeps no list of that kind; a stand-in for a real one may not have it."""


class GatewayRefused(Exception):
    """The gateway refuses for good, and nothing has happened."""


@dataclass(frozen=True, slots=True)
class Order:
    """A payment to make. The same `key` means the same payment, however often it is sent. `amount` is in `currency`."""

    key: UUID
    amount: Decimal
    currency: str
    description: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment as the gateway sees it; `status` is one of the words above, `key` the one that it was ordered with."""

    reference: str
    status: str
    amount: Decimal
    currency: str
    action_url: str = ""
    failure: str = ""
    key: str = ""
    # What the gateway calls the card itself, the same for every payment with it; "" where it does not say.
    card: str = ""


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund as the gateway sees it: pending, succeeded or failed.

    `payment` is the gateway's reference of the payment, `key` the one that we asked with; "" where it was made there.
    """

    reference: str
    status: str
    failure: str = ""
    amount: Decimal | None = None
    payment: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Disputed:
    """A dispute as the gateway sees it: open, won (by the host's side) or lost; `payment` is the gateway's reference."""

    reference: str
    payment: str
    status: str
    amount: Decimal
    reason: str = ""


class Gateway(Protocol):
    """Every call raises GatewayUnreachable where no answer comes; repeating one is always safe."""

    name: str

    def check_token(self, token: str) -> None:
        """Raises `invalid` for what can't be a token of this gateway. It asks the gateway nothing."""

    def authorise(self, order: Order) -> str:
        """Makes the payment known to the gateway and returns its reference; no money moves."""

    def capture(self, reference: str, token: str, return_url: str) -> Charge:
        """Takes the money with `token`, once. The guest comes back to `return_url` from an action."""

    def status(self, reference: str) -> Charge:
        """The payment as the gateway has it now."""

    def void(self, reference: str) -> Charge:
        """Makes the payment take nothing any more: `failed` afterwards, or `succeeded` where it is too late."""

    def refund(self, reference: str, amount: Decimal, currency: str, key: UUID) -> Refunded:
        """Gives back part or all, once for each `key`. Raises GatewayRefused."""

    def refund_status(self, reference: str) -> Refunded:
        """The refund as the gateway has it now."""

    def refunds_of(self, reference: str) -> list[Refunded]:
        """All refunds of a payment, also those made elsewhere."""

    def charges_since(self, moment: datetime) -> Iterator[Charge]:
        """Payments that this site made known to the gateway since then."""

    def refunds_since(self, moment: datetime) -> Iterator[Refunded]:
        """Refunds that were made since then, other sites' too where they share the account."""

    def disputes_since(self, moment: datetime) -> Iterator[Disputed]:
        """Disputes that were opened since then, other sites' too."""
