"""The public page of a property."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef
from django.db.models.functions import JSONObject

from accounts.models import User
from core.database.compiled_queries import CompiledQuery, Slot
from core.errors import not_found
from core.money import ZERO, money
from properties.models import Amenity, Photo, Property
from properties.rules.ratings import shown_rating
from properties.rules.terms import BOOKING_TYPES, PropertyTerms
from properties.selectors.availability import access_terms
from properties.selectors.search.free_windows import free_windows
from properties.selectors.steps import LOCATION, Absolute, drawn_photo, show_basics, show_photo, show_terms

# What a page shows of its photos and amenities: in the page's own query, since each trip to the database takes its time.
PHOTO = ("id", "property_id", "image", "thumbnail", "width", "height", "description", "position")
AMENITY = ("id", "property_id", "kind", "name")


def _rows_of(model: type[Model], fields: tuple[str, ...]) -> ArraySubquery:
    """The rows of one property, as objects, in their model's order."""
    rows = model._default_manager.filter(property_id=OuterRef("pk"))
    return ArraySubquery(rows.values(fields=JSONObject(**{name: name for name in fields})))


_PAGE = CompiledQuery(
    lambda: (
        Property.objects.select_related("location", "basics", "host")
        .filter(pk=Slot("home"))
        .annotate(photo_rows=_rows_of(Photo, PHOTO), amenity_rows=_rows_of(Amenity, AMENITY))
    )
)


def access_page(property_id: int, actor: User | None, *, has_stay: bool = False) -> tuple[Property, PropertyTerms]:
    """A property with all that its page shows, for users whom `access_terms` lets in.

    Raises `not_found`, `property.not_listed`.
    """
    terms = access_terms(property_id, actor, has_stay=has_stay)
    for row in _PAGE(home=property_id):
        photos, amenities = [Photo(**one) for one in row.photo_rows], [Amenity(**one) for one in row.amenity_rows]
        row._prefetched_objects_cache = {"photos": photos, "amenities": amenities}
        return row, terms
    raise not_found()


def show_page(row: Property, terms: PropertyTerms, *, now: datetime, absolute: Absolute) -> dict[str, Any]:
    """The page's object but for its reviews; coordinates are blurred."""
    amenities = list(row.amenities.all())
    listing = show_terms(row)
    return {
        "property_id": row.pk,
        "status": row.status,
        "name": row.title,
        "property_type": row.property_type,
        "property_sub_type": row.property_sub_type,
        "online_type": row.online_type,
        "location": row.location.selected_location,
        "latitude": row.location.public_latitude,
        "longitude": row.location.public_longitude,
        "timezone": row.timezone,
        "description": row.description,
        "highlights": row.highlights,
        **{f"{kind}_amenities": [a.name for a in amenities if a.kind == kind] for kind in ("regular", "standout")},
        "photos": [show_photo(photo, absolute) for photo in row.photos.all()]
        or [drawn_photo(row.property_type, absolute)],
        "some_basics": show_basics(row),
        "booking_options": [kind for kind in BOOKING_TYPES if getattr(row, kind)],
        **{kind: getattr(row, kind) for kind in BOOKING_TYPES},
        "paying_guest_description": row.paying_guest_description,
        "meal_price": money(row.meal_price or ZERO),
        **{name: listing[name] for name in PUBLIC},
        "people_only": row.people_only,
        "availability": free_windows([terms], now)[row.pk],
        "rating": shown_rating(row.rating_sum, row.rating_count),
        "reviews_count": row.rating_count,
        "host": {"host_id": row.host_id, "name": row.host.name, "super_host": row.host.superhost},
    }


# The part of step 4 that guests may know; never the automatic percentages.
PUBLIC = (
    "price", "currency", "discounts", "security_features", "negotiation_availability", "instant_book",
    "cancellation_policy", "cleaning_fee", "min_nights", "max_nights", "fill_gaps", "notice_days", "check_in_from", "check_out_by",
    "house_rules",
)  # fmt: skip


def show_address(row: Property) -> dict[str, Any]:
    """The exact address, for the host and for guests whose stay is settled."""
    place = row.location
    exact = {"latitude": float(place.latitude), "longitude": float(place.longitude)}
    return exact | {name: getattr(place, name) for name in LOCATION}
