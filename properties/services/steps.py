"""The seven steps. Each replaces its part of a property whole, under the property's lock, or changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from core.api.idempotency import Plain, run_once
from core.api.quotas import spend
from core.errors import Code, DomainError, invalid
from core.money import ZERO
from core.said import said
from properties.models import Amenity, Location, Property, SomeBasics
from properties.rules.places import ONE_HOUSE_DEGREES, Pin, public_pin
from properties.rules.terms import SeasonPrice
from properties.selectors.ownership import get_own_property
from properties.services.feeds import new_feed
from properties.services.files import Saved, transaction_with_files
from properties.services.meals import dishes_to_put, read_menu, read_table, replace_menu, save_table
from properties.services.ownership import lock_own_property, mark_step
from properties.services.photos import Incoming, SentPhoto, photos_to_put, read_photos, replace_photos
from properties.services.price_bounds import check_prices
from properties.services.prices import write_rules
from properties.services.windows import open_windows

NEEDED_TO_LIST = (2, 3, 4)
NEEDED_ONCE_LISTED = (*NEEDED_TO_LIST, 7)
KINDS_OF_STAY = ("stay", "stay_with_meal", "paying_guest")


def start_registration(*, actor: User, data: dict[str, Any], now: datetime) -> Property:
    """Makes a draft from step 1, and the guest a host; there is no other way to become one. Raises `rate_limited` (20 a day)."""
    spend("drafts", actor.pk, now)
    with transaction.atomic():
        row = Property(host=actor, created_at=now)
        row.save()
        new_feed(row)
        _write_basics(row, data)
        mark_step(row, 1, now)
        if not actor.is_host:
            User.objects.filter(pk=actor.pk).update(is_host=True)
            actor.is_host = True
        return row


def save_step_once(
    *, step: int, property_id: int, actor: User, data: dict[str, Any], key: str | None, now: datetime
) -> None:
    """`save_step`, done once for each `key`; for steps without pictures, whose files would outlive a refusal."""

    def do() -> Plain:
        save_step(step=step, property_id=property_id, actor=actor, data=data, now=now)
        return {"property_id": property_id}

    fields = {"property_id": property_id, **data}
    run_once(account_id=actor.pk, key=key, kind=f"property.step{step}", fields=fields, now=now, do=do)


def save_step(*, step: int, property_id: int, actor: User, data: dict[str, Any], now: datetime) -> Property:
    """Replaces a step of the actor's own property by validated `data`.

    Raises `not_found`, `invalid`, and for step 7 `registration.incomplete`.
    """
    get_own_property(property_id, actor)  # before the work of decoding pictures
    if step == 2:
        spend("photos", actor.pk, now, times=len(data.get("photos") or ()))
    photos = _photos(property_id, data) if step == 2 else None
    data = READERS[step](data) if step in READERS else data
    files = photos_to_put(property_id, photos or ()) + (dishes_to_put(data) if step in READERS else [])
    with transaction_with_files(files) as saved:
        row = lock_own_property(property_id, actor)
        if photos is not None:
            replace_photos(row, photos, saved)
        WRITERS[step](row, data, saved, now)
        mark_step(row, step, now)
        return row


def _photos(property_id: int, data: dict[str, Any]) -> list[Incoming] | None:
    if "photos" not in data:
        return None
    return read_photos(property_id, [SentPhoto(photo["image_data"], photo["description"]) for photo in data["photos"]])


def _write_basics(row: Property, data: dict[str, Any]) -> None:
    for name in ("property_type", "property_sub_type", "online_type", "timezone", *KINDS_OF_STAY):
        setattr(row, name, data[name])
    place = data["location"]
    latitude, longitude = _shifted(row, float(place["latitude"]), float(place["longitude"]))
    Location.objects.update_or_create(
        property=row, defaults=place | {"public_latitude": latitude, "public_longitude": longitude}
    )
    SomeBasics.objects.update_or_create(property=row, defaults=data["some_basics"])


def _shifted(row: Property, latitude: float, longitude: float) -> tuple[float, float]:
    near = (latitude - ONE_HOUSE_DEGREES, latitude + ONE_HOUSE_DEGREES)
    present = Location.objects.filter(property__host_id=row.host_id, latitude__range=near).order_by("property_id")
    rooms = [
        Pin(float(home.latitude), float(home.longitude), home.public_latitude, home.public_longitude)
        for home in present
    ]
    return public_pin(latitude, longitude, rooms, host_id=row.host_id, key=settings.SECRET_KEY)


def _write_1(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    _write_basics(row, data)


def _write_2(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    row.amenities.all().delete()
    Amenity.objects.bulk_create(
        Amenity(property=row, kind=kind, name=name)
        for kind in Amenity.Kind.values
        for name in data[f"{kind}_amenities"]
    )


def _write_3(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    row.title, row.highlights, row.description = data["house_title"], data["highlights"], data["description"]


def _write_4(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    row.currency = _currency(row, data.get("currency"))
    for name in ("price", "security_features", "instant_book", "cancellation_policy", "min_nights", "max_nights", "fill_gaps",
                 "notice_days", "check_in_from", "check_out_by", "house_rules"):  # fmt: skip
        setattr(row, name, data[name])
    row.cleaning_fee = data["cleaning_fee"] or ZERO
    row.negotiable = data["negotiation_availability"]
    discounts, haggle = data["discounts"], data["negotiation"]
    row.early_booking_percent = discounts["earlyBooking"]
    row.weekly_percent, row.monthly_percent = discounts["weeklyStay"], discounts["monthlyStay"]
    for name in ("offers_per_side", "people_only", "auto_accept_percent", "auto_decline_percent"):
        setattr(row, name, haggle[name])
    check_prices(row, [rule["price"] for rule in data["price_rules"]])
    write_rules(
        row,
        [
            SeasonPrice(r["start_date"], r["end_date"], r["weekdays"], r["price"], r["min_nights"])
            for r in data["price_rules"]
        ],
    )


def _currency(row: Property, wanted: str | None) -> str:
    """Checks the currency: it is fixed once the property is listed, since its stays, sums and statistics are in one currency."""
    if row.listed_at is None:
        return wanted or "BDT"
    if wanted not in (None, row.currency):
        raise invalid(
            currency=said("The currency is fixed once a property is listed: %(currency)s.", currency=row.currency)
        )
    return row.currency


def _write_5(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    replace_menu(row, data, saved, now)


def _write_6(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    save_table(row, data, saved)


def _write_7(row: Property, data: dict[str, Any], saved: Saved, now: datetime) -> None:
    check_complete(row)
    open_windows(row, data["selected_dates"], always_open=data["always_open"], now=now)
    if row.status == Property.Status.DRAFT:
        row.status, row.listed_at = Property.Status.LISTED, now


def check_complete(row: Property, needed: Sequence[int] = NEEDED_TO_LIST) -> None:
    """Raises `registration.incomplete` with the steps that are still missing."""
    if missing := [step for step in needed if step not in row.steps_done]:
        names = ", ".join(map(str, missing))
        raise DomainError(
            Code.REGISTRATION_INCOMPLETE,
            said("Fill in first: step %(names)s.", names=names),
            params={"missing": missing},
        )


# Slow work is done before the lock is taken.
READERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {5: read_menu, 6: read_table}
WRITERS: dict[int, Callable[[Property, dict[str, Any], Saved, datetime], None]] = {
    1: _write_1, 2: _write_2, 3: _write_3, 4: _write_4, 5: _write_5, 6: _write_6, 7: _write_7,
}  # fmt: skip
