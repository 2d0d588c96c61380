"""A booking's money: what was paid, what went back, what is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Balance:
    """`paid` − `refunded` = `kept`, all in one currency."""

    paid: Decimal
    refunded: Decimal

    @property
    def kept(self) -> Decimal:
        return self.paid - self.refunded

    def payment_status_of(self, total: Decimal) -> str:
        """The payment status that the money itself tells of a booking that costs `total`; `due` where none came."""
        if self.paid == 0:
            return "due"
        if self.kept >= total:
            return "paid"
        return "partly_refunded" if self.kept else "refunded"


def balance(lines: Iterable[Decimal]) -> Balance:
    """The balance of a ledger: charges above zero, refunds below."""
    amounts = list(lines)
    return Balance(
        paid=sum((amount for amount in amounts if amount > 0), ZERO),
        refunded=-sum((amount for amount in amounts if amount < 0), ZERO),
    )
