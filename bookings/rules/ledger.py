"""The money of a booking: paid, returned, kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO

# Statuses of a booking whose stay takes place, so that its price is owed.
LIVE = frozenset({"pending", "confirmed", "completed"})


@dataclass(frozen=True, slots=True)
class Balance:
    """`paid` − `returned` = `kept`, all in one currency. What a lost dispute took counts as returned."""

    paid: Decimal = ZERO
    returned: Decimal = ZERO

    @property
    def kept(self) -> Decimal:
        return self.paid - self.returned

    def __add__(self, other: Balance) -> Balance:
        return Balance(self.paid + other.paid, self.returned + other.returned)

    def status_of(self, total: Decimal) -> str:
        """The payment status of a booking that costs `total` and has this money; `due` where none came.

        A booking that costs nothing is paid.
        """
        if self.paid == 0:
            return "due" if total else "paid"
        if self.kept >= total:
            return "paid"
        return "partly_refunded" if self.kept > 0 else "refunded"


@dataclass(frozen=True, slots=True)
class Money:
    """All money of a booking: what was meant for it, and `surplus`, which came too late or twice and goes back whole."""

    meant: Balance = Balance()
    surplus: Balance = Balance()

    @property
    def all(self) -> Balance:
        return self.meant + self.surplus

    def payment_status(self, status: str, total: Decimal) -> str:
        """The payment status of a booking in `status` that costs `total`, no payment of it running.

        Only money meant for the stay pays for it; surplus does not. For a booking that is over every cent counts.
        """
        return (self.meant if status in LIVE else self.all).status_of(total)
