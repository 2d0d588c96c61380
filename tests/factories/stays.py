"""Rows that many tests need, made with plain words and sane defaults."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from core import clock
from properties.models import Location, Meal, Property, SomeBasics
from tests.factories.accounts import numbers


def make_user(username: str = "", **fields: Any) -> User:
    """An account without a usable password."""
    name = username or f"user{next(numbers)}"
    return User.objects.create(username=name, email=f"{name}@example.org", **fields)


def make_host(username: str = "", **fields: Any) -> User:
    return make_user(username, is_host=True, **fields)


def make_property(host: User | None = None, *, guests: int = 4, **fields: Any) -> Property:
    """A listed home for every kind of stay, 1,000.00 BDT a night, always open."""
    home = Property.objects.create(
        **{
            "host": host or make_host(), "status": "listed", "property_type": "House",
            "property_sub_type": "Entire place", "stay": True, "stay_with_meal": True, "paying_guest": True,
            "title": "Lake House", "price": Decimal("1000.00"), "meal_price": Decimal("150.00"),
            "negotiable": True, "offers_per_side": 5, "steps_done": [1, 2, 3, 4, 5, 6, 7],
        } | fields
    )  # fmt: skip
    SomeBasics.objects.create(
        property=home, number_of_guests=guests, number_of_bedrooms=2, number_of_beds=2, number_of_bathrooms=1
    )
    Location.objects.create(
        property=home, latitude=Decimal("23.8103"), longitude=Decimal("90.4125"), public_latitude=23.81,
        public_longitude=90.41, selected_location="Dhaka",
    )  # fmt: skip
    return home


def make_meal(home: Property, kind: str = "breakfast", name: str = "Paratha", price: str = "120.00") -> Meal:
    return Meal.objects.create(property=home, kind=kind, name=name, price=Decimal(price))


FAR = clock.now().date() + timedelta(days=99)


def day(n: int, start: date = FAR) -> date:
    """The n-th day of a time far enough ahead, whenever the tests run."""
    return start + timedelta(days=n)
