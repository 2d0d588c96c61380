"""What properties does for accounts: their export, erasing a closed account's homes, and reports of a property."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Report
from accounts.reporting import Evidence
from core import hooks
from core.errors import not_found
from properties.models import (
    Amenity,
    CalendarEntry,
    Location,
    Meal,
    Photo,
    PriceRule,
    Property,
    SavedHome,
    SomeBasics,
    Window,
)
from properties.services.files import delete_files
from properties.services.listings import unlist_by_staff

_HOME = (
    "id", "status", "title", "description", "property_type", "property_sub_type", "online_type", "timezone",
    "highlights", "security_features", "house_rules", "currency", "price", "cleaning_fee", "early_booking_percent",
    "weekly_percent", "monthly_percent", "min_nights", "max_nights", "notice_days", "cancellation_policy",
    "instant_book", "negotiable", "offers_per_side", "people_only", "auto_accept_percent", "auto_decline_percent",
    "paying_guest_description", "meal_price", "listed_at", "created_at", "updated_at",
)  # fmt: skip
_PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "home_locations": (Location, ("latitude", "longitude", "selected_location", "house_name", "holding_number",
                                  "flat_number", "road_number", "area_details")),
    "home_basics": (SomeBasics, ("number_of_guests", "number_of_bedrooms", "number_of_beds", "number_of_bathrooms")),
    "home_amenities": (Amenity, ("kind", "name")),
    "home_photos": (Photo, ("image", "description", "position")),
    "home_price_rules": (PriceRule, ("start_date", "end_date", "weekdays", "price")),
    "home_menu": (Meal, ("kind", "name", "price", "description")),
    "home_windows": (Window, ("nights",)),
    "home_calendar": (CalendarEntry, ("kind", "nights", "created_at")),
}  # fmt: skip


def put_into_export(*, user_id: int, box: Any) -> None:
    """The homes that an account lists, whole, with their pictures, and those that it keeps."""
    box.add_rows("homes", Property.objects.filter(host_id=user_id).order_by("pk").values(*_HOME))
    for name, (table, fields) in _PARTS.items():
        rows = table.objects.filter(property__host_id=user_id).order_by("property_id", "pk")
        box.add_rows(name, rows.values("property_id", *fields).iterator())
    saved = SavedHome.objects.filter(user_id=user_id).order_by("pk")
    box.add_rows("saved_homes", saved.values("property_id", "title", "created_at").iterator())
    for photo in Photo.objects.filter(property__host_id=user_id).iterator():
        box.add_file(f"homes/{photo.property_id}", photo.image)
    for dish in Meal.objects.filter(property__host_id=user_id).exclude(photo="").iterator():
        box.add_file(f"homes/{dish.property_id}", dish.photo)
    for home in Property.objects.filter(host_id=user_id).exclude(paying_guest_photo="").iterator():
        box.add_file(f"homes/{home.pk}", home.paying_guest_photo)


def erase_homes(*, user_id: int, needed: bool, now: datetime) -> None:
    """Deletes the homes of a closed account. Of a home that a booking names, id, title and place in words stay.

    The homes that the account saved are deleted at once.
    """
    SavedHome.objects.filter(user_id=user_id).delete()
    if needed:
        # A guest with a stay ahead still sees the home and its pictures.
        return
    for home in Property.objects.select_for_update(no_key=True, of=("self",)).filter(host_id=user_id).order_by("pk"):
        delete_files(_files_of(home))
        _erase(home)


def _files_of(home: Property) -> list[str]:
    photos = [file for photo in home.photos.all() for file in (photo.image, photo.thumbnail)]
    dishes = [dish.photo for dish in home.meals.all()]
    return [file.name for file in (*photos, *dishes, home.paying_guest_photo) if file.name]


def _erase(home: Property) -> None:
    if not any(_named_above(home)):
        CalendarEntry.objects.filter(property=home).delete()
        home.delete()
        return
    home.photos.all().delete()
    home.meals.update(photo="", description="")
    home.price_rules.all().delete()
    home.windows.all().delete()
    Location.objects.filter(property=home).update(
        house_name="", holding_number="", flat_number="", road_number="", area_details="", latitude=0, longitude=0,
        public_latitude=0, public_longitude=0,
    )  # fmt: skip
    home.description = home.house_rules = home.paying_guest_description = ""
    home.paying_guest_photo, home.ical_nonce, home.ical_token_hash = "", "", None
    home.save()


def _named_above(home: Property) -> list[bool]:
    """Whether rows of the apps above name it; then it can't be deleted."""
    return hooks.property_named(property_id=home.pk)


def find_listing(id: str, reporter_id: int, now: datetime) -> Evidence:
    """A listed property, or the user's own. Raises `not_found`."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    home = Property.objects.filter(pk=number).exclude(status=Property.Status.DRAFT).first()
    if home is None or (home.status != Property.Status.LISTED and home.host_id != reporter_id):
        raise not_found()
    details = {"price": f"{home.price} {home.currency}", "house_rules": home.house_rules}
    return Evidence(home.pk, home.host_id, home.title, home.description, details=details)


def remove_listing(report: Report, now: datetime) -> None:
    """Unlists a property, as staff decided."""
    unlist_by_staff(property_ids=[report.subject_id], now=now)
