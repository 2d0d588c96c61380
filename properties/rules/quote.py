"""The all-in price. Source of the arithmetic: docs/protocol.md "Objects", and the quote endpoint of docs/rest.md."""

from __future__ import annotations

from decimal import Decimal

from core.errors import Code, DomainError
from core.money import Bounds, money, round_money, unit_of
from core.said import said
from core.values import value

HUNDRED = Decimal(100)


@value()
class Quote:
    """Every line in `currency`, two places; `stay` is the price of all nights, `total` the sum of the five lines."""

    currency: str
    nights: int
    stay: Decimal
    meals: Decimal
    cleaning: Decimal
    platform_fee: Decimal
    tax: Decimal
    total: Decimal

    def as_dict(self) -> dict[str, str | int]:
        """The quote object of the wire: amounts as strings with two places."""
        return {
            "currency": self.currency,
            "nights": self.nights,
            "stay": money(self.stay),
            "meals": money(self.meals),
            "cleaning": money(self.cleaning),
            "platform_fee": money(self.platform_fee),
            "tax": money(self.tax),
            "total": money(self.total),
        }


def make_quote(
    *,
    currency: str,
    nights: int,
    stay: Decimal,
    meals: Decimal,
    cleaning: Decimal,
    fee_percent: Decimal,
    tax_percent: Decimal,
) -> Quote:
    """The quote of a stay: fee and tax are each a percentage of stay + meals + cleaning.

    Each line is rounded once, to what can be paid of the currency.
    """
    unit = unit_of(currency)
    stay, meals, cleaning = round_money(stay, unit), round_money(meals, unit), round_money(cleaning, unit)
    net = stay + meals + cleaning
    fee = round_money(net * fee_percent / HUNDRED, unit)
    tax = round_money(net * tax_percent / HUNDRED, unit)
    return Quote(currency, nights, stay, meals, cleaning, fee, tax, net + fee + tax)


def check_payable(quote: Quote, bounds: Bounds | None) -> None:
    """Raises `stay.not_payable` where a stay costs less or more than can be paid at once; 0 is always payable."""
    if bounds is None or bounds.take(quote.total):
        return
    least, most = money(bounds.least), money(bounds.most)
    raise DomainError(
        Code.STAY_NOT_PAYABLE,
        said(
            "This stay comes to %(total)s; only %(least)s to %(most)s can be paid at once.",
            total=(money(quote.total), quote.currency),
            least=least,
            most=most,
        ),
        params={"total": money(quote.total), "currency": quote.currency, "least": least, "most": most},
    )
