"""Money: Decimal, two places, one rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_DIGITS = 12
# The smallest amount that can be paid, where it is not the hundredth that ISO 4217 gives a currency: an ariary has five
# parts, none of which any card network knows.
UNITS = {"MGA": Decimal("1.00")}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What can be paid at once in a currency, both included."""

    least: Decimal
    most: Decimal

    def take(self, total: Decimal) -> bool:
        """Whether `total` can be paid; 0 always can."""
        return total == 0 or self.least <= total <= self.most


def unit_of(currency: str) -> Decimal:
    """The smallest amount of a currency that can be paid."""
    return UNITS.get(currency, CENT)


def round_money(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """`amount` to whole `unit`s, half up, with two places; every line of a quote goes through here once."""
    # Most units are that very object; comparing amounts costs as much as rounding.
    if unit is CENT or unit == CENT:
        return amount.quantize(CENT, ROUND_HALF_UP)
    return ((amount / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit).quantize(CENT)


def is_whole(amount: Decimal, currency: str) -> bool:
    """Whether an amount is a whole number of its currency's units."""
    return amount % unit_of(currency) == 0


def share_out(amount: Decimal, lines: tuple[Decimal, ...], unit: Decimal = CENT) -> tuple[Decimal, ...]:
    """`amount` shared out in proportion to `lines`, in whole `unit`s that add up to it; zeros where all lines are 0."""
    total, given, seen, shares = sum(lines, ZERO), ZERO, ZERO, []
    for line in lines:
        seen += line
        due = round_money(amount * seen / total, unit) if total else ZERO
        shares.append(due - given)
        given = due
    return tuple(shares)


def percent_of(percent: Decimal, amount: Decimal) -> Decimal:
    """`percent` per cent of `amount`, rounded."""
    return round_money(amount * percent / 100)


def money(amount: Decimal) -> str:
    """The wire form: a string with two places."""
    # Nearly every amount has them already, and to format it takes twice as long as to write it.
    text = str(amount)
    return text if text[-3:-2] == "." else f"{amount:.2f}"
