"""The counts beside the filters of a search."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from properties.models import SearchEntry
from properties.rules.facets import Facets, Traits, count_facets
from properties.rules.search import SearchQuery
from properties.rules.terms import BOOKING_TYPES
from properties.selectors.search.results import find

# Beyond so many homes the counts would cost more than they tell.
MOST = 1000
COLUMNS = ("property_type", "negotiable", "superhost", "amenities", *BOOKING_TYPES)


def list_facets(query: SearchQuery, *, now: datetime) -> Facets | None:
    """How many homes each filter would leave of this search; None where there are too many to count."""
    # Sorted as an index is: where there are too many it does not matter which ones are counted.
    bare = replace(
        query, property_types=(), category="", amenities=(), negotiable=False, superhost=False, cursor=None, limit=MOST,
        sort="rating",
    )  # fmt: skip
    ids = [found.property_id for found in find(bare, now)]
    if len(ids) > MOST:
        return None
    rows = SearchEntry.objects.filter(pk__in=ids).values_list(*COLUMNS)
    return count_facets([_traits(*row) for row in rows], query)


def _traits(kind: str, negotiable: bool, superhost: bool, amenities: list[str], *stays: bool) -> Traits:
    offered = frozenset(name for name, flag in zip(BOOKING_TYPES, stays, strict=True) if flag)
    return Traits(kind, offered, negotiable, superhost, frozenset(amenities))
