"""Lists the demo's homes through the same steps as every host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image

from accounts.models import User
from core.images import Picture
from demo.canvas import as_jpeg
from demo.homes import HOMES, Home
from demo.rooms import paint_room
from demo.scenes import paint
from properties.models import DayViews, Photo, Property
from properties.serializers.steps import Step1, Step2, Step3, Step4, Step5, Step6, Step7
from properties.services.files import digest_of, transaction_with_files
from properties.services.photos import SIDES
from properties.services.steps import save_step, start_registration

VIEW_DAYS = 60
CAPTIONS = ("The place", "A bedroom", "The living room", "At another hour")


def list_homes(hosts: Mapping[str, User], listed: datetime, now: datetime) -> list[Property]:
    """All of the demo's homes, listed some time before `now`; one transaction."""
    with transaction_with_files() as saved:
        rows = []
        for number, home in enumerate(HOMES):
            row = _register(home, hosts[home.host], listed, now)
            for position, picture in enumerate(_pictures(home, number)):
                large, small = _sizes(picture)
                folder = f"photos/{row.pk}"
                Photo.objects.create(
                    property=row, image=saved.add(folder, large.data), thumbnail=saved.add(folder, small.data),
                    width=large.width, height=large.height, digest=digest_of(large.data), position=position,
                    description=CAPTIONS[position],
                )  # fmt: skip
            _count_views(row, number, now)
            rows.append(row)
        return rows


def _pictures(home: Home, seed: int) -> list[Image.Image]:
    hero = paint(home.scene, home.hours[0], seed + 3)
    rooms = [paint_room("bedroom", hero, seed), paint_room("living", hero, seed + 1)]
    return [hero, *rooms, paint(home.scene, home.hours[1], seed + 3)]


def _sizes(picture: Image.Image) -> list[Picture]:
    """As uploads are stored. What we drew ourselves needs no judging."""
    sizes = []
    for side in SIDES:
        sized = picture.copy()
        sized.thumbnail((side, side), Image.Resampling.BICUBIC)
        sizes.append(Picture(as_jpeg(sized), *sized.size))
    return sizes


def _register(home: Home, host: User, listed: datetime, now: datetime) -> Property:
    row = start_registration(actor=host, data=Step1.read(_first(home)), now=listed)
    bodies: dict[int, dict[str, Any]] = {
        2: Step2.read({"regular_amenities": list(home.regular), "standout_amenities": list(home.standout)}),
        3: Step3.read({"house_title": home.title, "highlights": list(home.highlights), "description": home.text}),
        4: Step4.read(_fourth(home, now.date())),
        5: Step5.read({k: [{"name": n, "price": p} for n, p in dishes] for k, dishes in home.menu.items()}),
        7: Step7.read({"selected_dates": []}),
    }
    if home.table:
        words, price = home.table
        bodies[6] = Step6.read({"allow_paying_guests": True, "description": words, "meal_price": price})
    for step, data in sorted(bodies.items()):
        row = save_step(step=step, property_id=row.pk, actor=host, data=data, now=listed)
    return row


def _first(home: Home) -> dict[str, Any]:
    names = ("number_of_guests", "number_of_bedrooms", "number_of_beds", "number_of_bathrooms")
    latitude, longitude = home.at
    return {
        "property_type": home.kind,
        "property_sub_type": home.sub_kind,
        "stay": True,
        "stay_with_meal": bool(home.menu),
        "paying_guest": home.table is not None,
        "location": {
            "latitude": latitude,
            "longitude": longitude,
            "selected_location": home.place,
            "area_details": home.area,
            "house_name": home.title,
        },
        "some_basics": dict(zip(names, home.size, strict=True)),
    }


def _fourth(home: Home, today: date) -> dict[str, Any]:
    terms = {
        "price": home.price,
        "negotiation_availability": True,
        "security_features": ["Smoke alarm", "First-aid kit"],
        "house_rules": "Shoes off at the door. No smoking inside.",
        **home.terms,
    }
    if season := terms.pop("price_rules", None):
        terms["price_rules"] = [SEASONS[season](home.price, today)]
    return terms


def _weekend(price: int, today: date) -> dict[str, Any]:
    """Friday and Saturday nights cost a fifth more, all year."""
    year = {"start_date": today.isoformat(), "end_date": (today + timedelta(days=365)).isoformat()}
    return {**year, "weekdays": ["friday", "saturday"], "price": price * 6 // 5}


def _winter(price: int, today: date) -> dict[str, Any]:
    """The high season."""
    year = today.year if today.month < 12 else today.year + 1
    return {"start_date": f"{year}-12-15", "end_date": f"{year + 1}-01-05", "price": price * 3 // 2}


SEASONS = {"weekend": _weekend, "winter": _winter}


def _count_views(row: Property, number: int, now: datetime) -> None:
    DayViews.objects.bulk_create(
        DayViews(property=row, date=now.date() - timedelta(days=n), count=6 + (n * 7 + number * 5) % 23)
        for n in range(1, VIEW_DAYS)
    )
