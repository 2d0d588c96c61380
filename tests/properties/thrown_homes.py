"""Homes, seasons, entries of calendars and searches thrown by dice."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from django.db.backends.postgresql.psycopg_any import DateRange

from core import clock
from properties.models import Amenity, CalendarEntry, Location, PriceRule, Property, SearchEntry, SomeBasics, Window
from properties.rules.search import SORTS, Near, SearchQuery, boxes_between
from properties.services.search import refresh_search
from tests.factories.properties import make_user

NOW = clock.now()
HOMES = 60
MIDDLE = (-16.8, 179.99)
NAMES = ("lake", "lakes", "lane", "dhaka", "dhka", "tea garden", "sylhet", "sylet")
AMENITIES = ("wifi", "pool", "sauna")
# Whenever this runs, the date is another in one of them.
ZONES = ("Asia/Dhaka", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Vancouver")


def day(n):
    return NOW.date() + timedelta(n)


def settle(dice):
    """Homes about the date line, crowded in the middle, with seasons, windows, stays, holds and blocks."""
    host = make_user(is_host=True)
    homes = Property.objects.bulk_create(home(dice, host) for _ in range(HOMES))
    Location.objects.bulk_create(place(dice, row) for row in homes)
    SomeBasics.objects.bulk_create(
        SomeBasics(property=row, number_of_guests=dice.randint(1, 6), number_of_bedrooms=1, number_of_beds=1,
                   number_of_bathrooms=1) for row in homes
    )  # fmt: skip
    Amenity.objects.bulk_create(
        Amenity(property=row, kind="regular", name=name) for row in homes for name in AMENITIES if dice.random() < 0.5
    )
    PriceRule.objects.bulk_create(season(dice, row, n) for row in homes[::3] for n in range(2))
    Window.objects.bulk_create(
        Window(property=row, nights=DateRange(day(0), day(dice.randint(20, 300))))
        for row in homes
        if not row.always_open
    )
    CalendarEntry.objects.bulk_create(entry for row in homes for entry in entries(dice, row))
    refresh_search([row.pk for row in homes])
    SearchEntry.objects.filter(pk__in=[row.pk for row in homes[::4]]).update(superhost=True)
    return [row.pk for row in homes]


def home(dice, host):
    count = dice.randint(0, 3)
    return Property(
        host=host, status="listed", title=dice.choice(NAMES), property_type=dice.choice(("House", "Cabin")), stay=True,
        paying_guest=dice.random() < 0.5, price=Decimal(dice.randint(5, 15) * 100), negotiable=dice.random() < 0.5,
        currency=dice.choice(("BDT", "BDT", "USD")), always_open=dice.random() < 0.7, min_nights=dice.choice((1, 1, 3)),
        max_nights=dice.choice((365, 10)), notice_days=dice.choice((0, 0, 30)), rating_count=count,
        fill_gaps=dice.random() < 0.7, rating_sum=sum(dice.randint(1, 5) for _ in range(count)),
        timezone=dice.choice(ZONES),
    )  # fmt: skip


def place(dice, row):
    spread = dice.choice((0.0, 0.02, 0.5, 3.0))
    latitude, longitude = (degrees + dice.uniform(-spread, spread) for degrees in MIDDLE)
    longitude = (longitude + 180) % 360 - 180
    return Location(
        property=row, latitude=0, longitude=0, public_latitude=round(latitude, 5), public_longitude=round(longitude, 5),
        selected_location=dice.choice(NAMES),
    )  # fmt: skip


def season(dice, row, position):
    start, weekdays = dice.randint(0, 60), dice.choice((None, [4, 5]))
    return PriceRule(property=row, position=position, start_date=day(start), end_date=day(start + 30),
                     weekdays=weekdays, price=Decimal(dice.randint(4, 20) * 100),
                     min_nights=dice.choice((None, None, 1, 2, 5)))  # fmt: skip


def entries(dice, row):
    kinds = ("stay", "stay", "block", "hold")
    for first, last in pairwise(sorted(dice.sample(range(-20, 260), dice.choice((0, 4, 20))))):
        kind = dice.choice(kinds)
        until = NOW + timedelta(minutes=dice.choice((-5, 5))) if kind == "hold" else None
        if dice.random() < 0.5:
            yield CalendarEntry(property=row, kind=kind, nights=DateRange(day(first), day(last)), held_until=until)


def asked(dice):
    """Any search."""
    first, nights = dice.randint(0, 80), dice.choice((1, 2, 4, 9, 40, 200))
    near = Near(*MIDDLE, dice.choice((0.5, 2.0, 40.0, 333.0, 1000.0)))
    any_of = {
        "check_in": day(first), "words": dice.choice((("lake",), ("dhaka",), ("sylhet", "tea"), ("slyhet",))),
        "guests": dice.randint(2, 4), "min_price": Decimal(700), "max_price": Decimal(1100), "near": near,
        "property_types": ("House",), "category": "paying_guest", "amenities": dice.choice((("wifi",), AMENITIES)),
        "boxes": tuple(boxes_between(179.0, -18.0, dice.choice((180.5, 182.0)), -16.0)), "negotiable": True,
        "superhost": True,
    }  # fmt: skip
    chosen = {name: value for name, value in any_of.items() if dice.random() < (0.5 if name == "check_in" else 0.2)}
    if "check_in" in chosen:
        chosen["check_out"] = day(first + nights)
        chosen["flexible_days"] = dice.choice((0, 0, 1, 3))
    sort = dice.choice(SORTS)
    if sort == "distance":
        chosen["near"] = near
    return SearchQuery(**chosen, sort=sort, limit=dice.choice((1, 3, 20)))
