"""Keeps the search's table in step with what it is made of. Called in the transaction of every change to a listing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from properties.models import Location, Property, SearchEntry, SearchWord
from properties.rules.gazetteer import is_in_the_country, place_words
from properties.rules.places import plain_text
from properties.rules.ratings import mean_rating, score

BATCH = 1000
COPIED = (
    "currency", "price", "property_type", "stay", "stay_with_meal", "paying_guest", "negotiable", "min_nights",
    "max_nights", "fill_gaps", "notice_days", "timezone", "always_open", "rating_count",
)  # fmt: skip


def refresh_search(property_ids: Sequence[int]) -> None:
    """Rewrites the search rows of these properties; the caller holds their locks. Not listed: no row."""
    for start in range(0, len(property_ids), BATCH):
        _refresh(property_ids[start : start + BATCH])


def _refresh(ids: Sequence[int]) -> None:
    listed = Property.objects.filter(pk__in=ids, status=Property.Status.LISTED).select_related(
        "host", "location", "basics"
    )
    entries = [_entry(row) for row in listed.prefetch_related("amenities", "price_rules")]
    gone = set(ids) - {entry.property_id for entry in entries}
    SearchEntry.objects.filter(property_id__in=gone).delete()
    fields = [field.name for field in SearchEntry._meta.concrete_fields if not (field.primary_key or field.generated)]
    SearchEntry.objects.bulk_create(entries, update_conflicts=True, unique_fields=["property"], update_fields=fields)
    _learn({word for entry in entries for word in entry.words})


def _learn(words: set[str]) -> None:
    """Enters words that are new, in order: two transactions that learn the same ones must not wait crosswise."""
    known = set(SearchWord.objects.filter(pk__in=words).values_list("pk", flat=True))
    SearchWord.objects.bulk_create((SearchWord(word) for word in sorted(words - known)), ignore_conflicts=True)


def _entry(row: Property) -> SearchEntry:
    place = row.location
    copied = {name: getattr(row, name) for name in COPIED}
    prices = [copied["price"], *(rule.price for rule in row.price_rules.all())]
    return SearchEntry(
        property=row, host_id=row.host_id, superhost=row.host.superhost, guests=row.basics.number_of_guests,
        words=sorted(_words(row.title, place, row.timezone)),
        latitude=place.public_latitude, longitude=place.public_longitude,
        has_night_rules=any(rule.min_nights for rule in row.price_rules.all()),
        has_price_rules=len(prices) > 1, least_price=min(prices), most_price=max(prices),
        amenities=sorted({plain_text(amenity.name) for amenity in row.amenities.all()}),
        rating=mean_rating(row.rating_sum, row.rating_count), score=score(row.rating_sum, row.rating_count),
        **copied,
    )  # fmt: skip


def _words(title: str, place: Location, timezone: str) -> set[str]:
    """What the host wrote, and the other names of the places named in it."""
    address = f"{place.area_details} {place.selected_location}"
    here = is_in_the_country(float(place.latitude), float(place.longitude), timezone)
    return {*plain_text(f"{title} {address}").split(), *(place_words(address) if here else ())}


def change_rating(property_id: int, *, stars: int, reviews: int) -> None:
    """Adds to the sums of a property's ratings, or subtracts; the caller has locked the property."""
    row = Property.objects.filter(pk=property_id)
    row.update(rating_sum=F("rating_sum") + stars, rating_count=F("rating_count") + reviews)
    total, count = row.values_list("rating_sum", "rating_count").get()
    SearchEntry.objects.filter(pk=property_id).update(
        rating=mean_rating(total, count), rating_count=count, score=score(total, count)
    )
