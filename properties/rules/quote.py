"""The all-in price. Source of the arithmetic: docs/protocol.md "Objects", and the quote endpoint of docs/rest.md."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.money import money, round_money

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
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
    """The quote of a stay: fee and tax are each a percentage of stay + meals + cleaning; each line is rounded once."""
    stay, meals, cleaning = round_money(stay), round_money(meals), round_money(cleaning)
    net = stay + meals + cleaning
    fee = round_money(net * fee_percent / HUNDRED)
    tax = round_money(net * tax_percent / HUNDRED)
    return Quote(currency, nights, stay, meals, cleaning, fee, tax, net + fee + tax)
