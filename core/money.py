"""Money: Decimal, two places, one rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_DIGITS = 12


def round_money(amount: Decimal) -> Decimal:
    """`amount` to two places, half up; every line of a quote goes through here once."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def percent_of(percent: Decimal, amount: Decimal) -> Decimal:
    """`percent` per cent of `amount`, rounded."""
    return round_money(amount * percent / 100)


def money(amount: Decimal) -> str:
    """The wire form: a string with two places."""
    return f"{amount:.2f}"


SIGNS = {"BDT": "৳", "USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "THB": "฿"}


def price(amount: Decimal, currency: str) -> str:
    """An amount as people read it: sign, thousands, and the hundredths only where there are any."""
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{'−' if amount < 0 else ''}{sign}" + f"{abs(amount):,.2f}".removesuffix(".00")
