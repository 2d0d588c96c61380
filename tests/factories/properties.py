"""Properties as tests want them: listed, in Dhaka, 1000.00 BDT a night."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from properties.models import CalendarEntry, Location, Meal, PriceRule, Property, SomeBasics, Window
from tests.factories.accounts import make_user


def make_property(host: User | None = None, *, guests: int = 4, **fields: Any) -> Property:
    """A listed property with a location and basics."""
    listing = {
        "status": "listed",
        "title": "Lake House",
        "property_type": "House",
        "property_sub_type": "Entire place",
        "stay": True,
        "price": Decimal("1000.00"),
        "offers_per_side": 5,
        "negotiable": True,
        "steps_done": [1, 2, 3, 4, 5, 6, 7],
    }
    row = Property.objects.create(host=host or make_user(is_host=True), **(listing | fields))
    SomeBasics.objects.create(
        property=row, number_of_guests=guests, number_of_bedrooms=2, number_of_beds=3, number_of_bathrooms=1
    )
    make_location(row)
    return row


def make_location(
    row: Property, latitude: float = 23.78, longitude: float = 90.40, place: str = "Gulshan, Dhaka"
) -> Location:
    return Location.objects.create(
        property=row,
        latitude=Decimal(str(latitude)),
        longitude=Decimal(str(longitude)),
        public_latitude=latitude + 0.001,
        public_longitude=longitude + 0.0005,
        selected_location=place,
        house_name="House 7",
    )


def make_meal(row: Property, name: str = "Paratha", kind: str = "breakfast", price: str = "150.00") -> Meal:
    return Meal.objects.create(property=row, name=name, kind=kind, price=Decimal(price))


def make_price_rule(row: Property, start: date, end: date, price: str, weekdays: list[int] | None = None) -> PriceRule:
    return PriceRule.objects.create(
        property=row, position=row.price_rules.count(), start_date=start, end_date=end, weekdays=weekdays,
        price=Decimal(price),
    )  # fmt: skip


def make_window(row: Property, start: date, end: date) -> Window:
    Property.objects.filter(pk=row.pk).update(always_open=False)
    return Window.objects.create(property=row, nights=DateRange(start, end))


def make_entry(row: Property, start: date, end: date, kind: str = "stay", **fields: Any) -> CalendarEntry:
    return CalendarEntry.objects.create(property=row, kind=kind, nights=DateRange(start, end), **fields)
