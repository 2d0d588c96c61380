"""Counts how many homes each filter would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from properties.rules.search import SearchQuery
from properties.rules.terms import BOOKING_TYPES


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of a home that the filters look at; `stays` are booking types, `amenities` plain text."""

    property_type: str
    stays: frozenset[str]
    negotiable: bool
    superhost: bool
    amenities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facets:
    """Homes by choice. A choice counts homes that fit all other filters: it says what ticking it would leave."""

    types: Counter[str]
    stays: Counter[str]
    amenities: Counter[str]
    negotiable: int
    superhost: int


Test = Callable[[Traits], bool]


def count_facets(homes: Sequence[Traits], query: SearchQuery) -> Facets:
    """Counts homes that fit all of the query except these filters. Types exclude each other, amenities add up."""
    wanted = frozenset(query.amenities)
    tests: dict[str, Test] = {
        "type": lambda home: not query.property_types or home.property_type in query.property_types,
        "stay": lambda home: not query.category or query.category in home.stays,
        "amenities": lambda home: wanted <= home.amenities,
        "negotiable": lambda home: home.negotiable or not query.negotiable,
        "superhost": lambda home: home.superhost or not query.superhost,
    }

    def left(without: str = "") -> list[Traits]:
        rest = [test for name, test in tests.items() if name != without]
        return [home for home in homes if all(test(home) for test in rest)]

    return Facets(
        types=Counter(home.property_type for home in left("type")),
        stays=Counter(kind for home in left("stay") for kind in BOOKING_TYPES if kind in home.stays),
        amenities=Counter(name for home in left() for name in home.amenities),
        negotiable=_count(home.negotiable for home in left("negotiable")),
        superhost=_count(home.superhost for home in left("superhost")),
    )


def _count(flags: Iterable[bool]) -> int:
    return sum(flags)
