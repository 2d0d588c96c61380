"""Dishes on a menu, and orders of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import DomainError, invalid
from core.said import as_said, said

# For the catalogue: refusals name a meal.
MEAL_WORDS = (said("breakfast"), said("lunch"), said("dinner"))
MAX_LINES = 200
MAX_QUANTITY = 100


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A dish that can be ordered; `kind` is breakfast, lunch or dinner."""

    id: int
    kind: str
    name: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class MealOrder:
    """An order of a dish; without a date, or with one outside the stay, it is for the first day."""

    kind: str
    id: int
    quantity: int
    date: date | None = None


@dataclass(frozen=True, slots=True)
class PricedMeal:
    """An ordered dish with its unit price."""

    id: int
    kind: str
    name: str
    price: Decimal
    quantity: int
    date: date


def price_meals(
    menu: Sequence[MenuItem], orders: Sequence[MealOrder], start_date: date, end_date: date
) -> tuple[PricedMeal, ...]:
    """The ordered dishes with their unit prices. Raises `invalid` for one that is not on the menu or a quantity out of range.

    A quantity of 0 is no order; a date outside the stay becomes its first day.
    """
    if not orders:
        return ()
    wanted = [order for order in orders if order.quantity != 0]
    if len(wanted) > MAX_LINES:
        raise invalid(meals=said("At most %(most)s lines of meals in one stay.", most=MAX_LINES))
    dishes = {(item.kind, item.id): item for item in menu}
    return tuple(_priced(dishes, order, start_date, end_date) for order in wanted)


def _priced(dishes: dict[tuple[str, int], MenuItem], order: MealOrder, start_date: date, end_date: date) -> PricedMeal:
    item = dishes.get((order.kind, order.id))
    if item is None:
        raise _bad_meal(
            order, said("Meal %(id)s is not on the menu for %(kind)s.", id=str(order.id), kind=as_said(order.kind))
        )
    if not 1 <= order.quantity <= MAX_QUANTITY:
        raise _bad_meal(order, said("Give a quantity from 0 to %(most)s.", most=MAX_QUANTITY))
    day = order.date if order.date and start_date <= order.date < end_date else start_date
    return PricedMeal(item.id, item.kind, item.name, item.price, order.quantity, day)


def _bad_meal(order: MealOrder, text: str) -> DomainError:
    return invalid(text, **{order.kind: text, "meals": text})
