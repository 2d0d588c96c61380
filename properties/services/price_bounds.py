"""Whether a host's prices can be paid at all, judged where they are set."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from core.errors import invalid
from core.money import Bounds, is_whole, money
from properties.models import Property
from properties.rules.quote import make_quote
from properties.selectors.payable import payment_bounds


def check_prices(row: Property, rule_prices: Sequence[Decimal]) -> None:
    """Raises `invalid`: a currency that can't be paid in, parts of its smallest unit, a shortest stay out of bounds."""
    prices = {"price": [row.price or Decimal(0)], "price_rules": list(rule_prices)}
    for name, amounts in {**prices, "cleaning_fee": [row.cleaning_fee]}.items():
        if not all(is_whole(amount, row.currency) for amount in amounts):
            raise invalid(**{name: f"{row.currency} is paid in whole units; leave the hundredths out."})
    bounds = payment_bounds(row.currency)
    if bounds is None:
        return
    if not bounds.most:
        raise invalid(currency=f"Payments in {row.currency} are not taken here; choose another currency.")
    for name, amounts in prices.items():
        for amount in amounts:
            _check(row, name, amount, bounds)


def _check(row: Property, name: str, price: Decimal, bounds: Bounds) -> None:
    shortest = make_quote(
        currency=row.currency, nights=row.min_nights, stay=price * row.min_nights, meals=Decimal(0),
        cleaning=row.cleaning_fee, fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT,
    )  # fmt: skip
    if not bounds.take(shortest.total):
        span = f"{money(bounds.least)} to {money(bounds.most)} {row.currency}"
        raise invalid(**{name: f"The shortest stay would come to {money(shortest.total)}; {span} can be paid at once."})
