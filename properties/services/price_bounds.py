"""Whether a host's prices can be paid at all, judged where they are set."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from core.errors import invalid
from core.money import Bounds, is_whole, money
from core.said import said
from properties.models import Property
from properties.rules.quote import make_quote
from properties.selectors.payable import payment_bounds


def check_prices(row: Property, rule_prices: Sequence[Decimal]) -> None:
    """Raises `invalid`: a currency that can't be paid in, parts of its smallest unit, a shortest stay out of bounds."""
    prices = {"price": [row.price or Decimal(0)], "price_rules": list(rule_prices)}
    for name, amounts in {**prices, "cleaning_fee": [row.cleaning_fee]}.items():
        if not all(is_whole(amount, row.currency) for amount in amounts):
            raise invalid(
                **{name: said("%(currency)s is paid in whole units; leave the hundredths out.", currency=row.currency)}
            )
    bounds = payment_bounds(row.currency)
    if bounds is None:
        return
    if not bounds.most:
        raise invalid(
            currency=said(
                "Payments in %(currency)s are not taken here; choose another currency.", currency=row.currency
            )
        )
    for name, amounts in prices.items():
        for amount in amounts:
            _check(row, name, amount, bounds)


def _check(row: Property, name: str, price: Decimal, bounds: Bounds) -> None:
    shortest = make_quote(
        currency=row.currency, nights=row.min_nights, stay=price * row.min_nights, meals=Decimal(0),
        cleaning=row.cleaning_fee, fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT,
    )  # fmt: skip
    if not bounds.take(shortest.total):
        text = said(
            "The shortest stay would come to %(total)s; %(least)s to %(most)s can be paid at once.",
            total=money(shortest.total), least=money(bounds.least), most=(money(bounds.most), row.currency),
        )  # fmt: skip
        raise invalid(**{name: text})
