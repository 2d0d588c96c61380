"""One home on a page of homes: what is shown, and its price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings

from core.database.compiled_queries import CompiledQuery, OneOf, Slot
from core.errors import DomainError
from core.money import money, round_money
from core.web.drawn_pictures import picture_url
from properties.drawings import drawn_home
from properties.models import SearchEntry
from properties.rules.search import SearchQuery
from properties.rules.terms import BOOKING_TYPES, PropertyTerms, quote_stay, sum_nights
from properties.selectors.steps import Absolute


class Entry(NamedTuple):
    """What a page of homes shows beside their terms."""

    property_id: int
    place: str
    latitude: float
    longitude: float
    property_type: str
    rating: Decimal | None
    rating_count: int
    superhost: bool


_ENTRIES = CompiledQuery(
    lambda: SearchEntry.objects.filter(OneOf("pk", Slot("ids"))).values_list(
        "property_id", "property__location__selected_location", "latitude", "longitude", "property_type", "rating",
        "rating_count", "superhost",
    )
)  # fmt: skip


def list_entries(ids: Sequence[int]) -> dict[int, Entry]:
    """By property; one that is not listed is missing."""
    return {entry.property_id: entry for entry in map(Entry._make, _ENTRIES(ids=ids))}


def show_card(
    entry: Entry, terms: PropertyTerms, query: SearchQuery, now: datetime, absolute: Absolute
) -> dict[str, Any]:
    """A home as a list shows it, but for what is free."""
    return {
        "property_id": terms.id,
        "name": terms.title,
        "photo": picture_url(terms.photo or drawn_home(entry.property_type), absolute),
        "location_name": entry.place,
        "latitude": entry.latitude,
        "longitude": entry.longitude,
        "property_type": entry.property_type,
        **prices(terms, query, now),
        "currency": terms.currency,
        "rating": float(entry.rating) if entry.rating is not None else None,
        "reviews_count": entry.rating_count,
        "stay": terms.stay,
        "stay_with_meal": terms.stay_with_meal,
        "paying_guest": terms.paying_guest,
        "negotiation_availability": terms.negotiable,
        "superhost": entry.superhost,
    }


def prices(terms: PropertyTerms, query: SearchQuery, now: datetime) -> dict[str, str]:
    """The price of a night; with dates the mean of theirs, and the all-in total of the stay."""
    if query.check_in is None or query.check_out is None:
        return {"price_per_night": money(terms.price)}
    nights = query.nights
    kind = query.category or next(kind for kind in BOOKING_TYPES if getattr(terms, kind))
    try:
        stay = quote_stay(
            terms, start_date=query.check_in, end_date=query.check_out, guests=query.guests or 1, booking_type=kind,
            meals=(), fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT, now=now,
        )  # fmt: skip
    except DomainError:  # changed since it was found
        return {"price_per_night": money(round_money(sum_nights(terms, query.check_in, nights) / nights))}
    return {"price_per_night": money(round_money(stay.base / nights)), "total": money(stay.quote.total)}
