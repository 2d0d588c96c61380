"""The frozen terms of a negotiation: no later edit of the home changes them (rule 1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.clock import stamp
from core.money import money
from core.values import value
from properties.rules.menu import PricedMeal
from properties.rules.quote import Quote, make_quote


@value(kw_only=True)
class Terms:
    """The frozen terms. Amounts are in the negotiation's currency, moments UTC.

    `base` is the sum of the nights before discounts, `list_quote` the quote object at the list price, `meals_amount`
    what all meals cost. `slack` is how many per cent of the list amount below the host's figure the automatic decline
    begins (rule 8). `latest_offer_at` is 20:00 of the check-in day at the property.
    """

    title: str
    guest_name: str
    host_name: str
    nights: int
    base: Decimal
    list_quote: Mapping[str, Any]
    meals_amount: Decimal
    cleaning: Decimal
    fee_percent: Decimal
    tax_percent: Decimal
    meals: tuple[PricedMeal, ...]
    policy: str
    offers_per_side: int
    slack: Decimal
    check_in_at: datetime
    check_out_at: datetime
    latest_offer_at: datetime

    def quote(self, amount: Decimal, currency: str) -> Quote:
        """The all-in price of `amount`, the price of the stay before fee and tax; acceptance books exactly this."""
        return make_quote(
            currency=currency,
            nights=self.nights,
            stay=amount,
            meals=self.meals_amount,
            cleaning=self.cleaning,
            fee_percent=self.fee_percent,
            tax_percent=self.tax_percent,
        )

    def to_json(self) -> dict[str, Any]:
        """As the column `terms` has it: amounts as strings, moments ISO 8601 UTC."""
        return {
            "title": self.title,
            "guest_name": self.guest_name,
            "host_name": self.host_name,
            "nights": self.nights,
            "base": money(self.base),
            "list_quote": self.list_quote,
            "meals_amount": money(self.meals_amount),
            "cleaning": money(self.cleaning),
            "fee_percent": str(self.fee_percent),
            "tax_percent": str(self.tax_percent),
            "meals": [meal_to_json(meal) for meal in self.meals],
            "policy": self.policy,
            "offers_per_side": self.offers_per_side,
            "slack": str(self.slack),
            "check_in_at": stamp(self.check_in_at),
            "check_out_at": stamp(self.check_out_at),
            "latest_offer_at": stamp(self.latest_offer_at),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Terms:
        """The terms from the JSON that `to_json` writes. Raises KeyError where a part is missing."""
        return cls(
            title=body["title"],
            guest_name=body["guest_name"],
            host_name=body["host_name"],
            nights=body["nights"],
            base=Decimal(body["base"]),
            list_quote=body["list_quote"],
            meals_amount=Decimal(body["meals_amount"]),
            cleaning=Decimal(body["cleaning"]),
            fee_percent=Decimal(body["fee_percent"]),
            tax_percent=Decimal(body["tax_percent"]),
            meals=tuple(meal_from_json(meal) for meal in body["meals"]),
            policy=body["policy"],
            offers_per_side=body["offers_per_side"],
            slack=Decimal(body["slack"]),
            check_in_at=datetime.fromisoformat(body["check_in_at"]),
            check_out_at=datetime.fromisoformat(body["check_out_at"]),
            latest_offer_at=datetime.fromisoformat(body["latest_offer_at"]),
        )


def meal_to_json(meal: PricedMeal) -> dict[str, Any]:
    """An ordered dish as the terms and the log have it."""
    return {
        "id": meal.id,
        "kind": meal.kind,
        "name": meal.name,
        "price": money(meal.price),
        "quantity": meal.quantity,
        "date": meal.date.isoformat(),
    }


def meal_from_json(body: Mapping[str, Any]) -> PricedMeal:
    """A dish from the JSON that `meal_to_json` writes."""
    return PricedMeal(
        id=body["id"],
        kind=body["kind"],
        name=body["name"],
        price=Decimal(body["price"]),
        quantity=body["quantity"],
        date=date.fromisoformat(body["date"]),
    )
