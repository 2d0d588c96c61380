"""Reads homes similar to one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.database.compiled_queries import CompiledQuery, Slot
from properties.models import SearchEntry
from properties.rules.similar import Stay, most_alike, similar_to
from properties.selectors.search.cards import list_entries
from properties.selectors.search.held import seen_by
from properties.selectors.search.results import find, show_homes
from properties.selectors.steps import Absolute

_ENTRY = CompiledQuery(
    lambda: SearchEntry.objects.filter(pk=Slot("home")).only(
        "latitude", "longitude", "price", "currency", "property_type"
    )
)


def list_similar(
    property_id: int, *, stay: Stay, user_id: int | None, now: datetime, absolute: Absolute
) -> list[dict[str, Any]]:
    """Up to four listed homes near that one, of its price and if there are such of its kind, free for these nights.

    As a search shows them; one search, in a circle. None for a home that is not listed itself.
    """
    entry = next(iter(_ENTRY(home=property_id)), None)
    if entry is None:
        return []
    query = similar_to(
        latitude=entry.latitude, longitude=entry.longitude, price=entry.price, currency=entry.currency,
        stay=stay,
    )  # fmt: skip
    query = seen_by(query, user_id, now)
    near = [row.property_id for row in find(query, now)]
    entries = list_entries(near)
    alike = most_alike(
        [(number, entries[number].property_type) for number in near if number in entries],
        property_id=property_id,
        kind=entry.property_type,
    )
    return show_homes(alike, query, now=now, absolute=absolute, entries=entries)
