"""What makes another home similar: near, for a price like this one's, and of the same kind where there are such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.money import round_money
from properties.rules.search import Near, SearchQuery

RADIUS_KM = 100.0
LEAST, MOST = Decimal("0.6"), Decimal("1.6")
SHOWN = 4
# So many of the nearest are looked at for those of the same kind.
LOOKED_AT = 24


@dataclass(frozen=True, slots=True)
class Stay:
    """The nights and people that are asked about; no nights where no dates were chosen."""

    check_in: date | None = None
    check_out: date | None = None
    guests: int | None = None


def similar_to(*, latitude: float, longitude: float, price: Decimal, currency: str, stay: Stay) -> SearchQuery:
    """The search for the nearest homes round that (blurred) place with a price a night like that one; itself among them."""
    query = SearchQuery(
        check_in=stay.check_in, check_out=stay.check_out, guests=stay.guests, currency=currency,
        near=Near(latitude, longitude, RADIUS_KM), sort="distance", limit=LOOKED_AT,
    )  # fmt: skip
    return replace(query, min_price=round_money(price * LEAST), max_price=round_money(price * MOST))


def most_alike(kinds: Sequence[tuple[int, str]], *, property_id: int, kind: str) -> list[int]:
    """Of homes as (number, kind), the nearest first, those that are shown: of the same kind first; never the home itself."""
    others = [(number, other) for number, other in kinds if number != property_id]
    return [number for number, other in sorted(others, key=lambda one: one[1] != kind)][:SHOWN]
