"""Pages of homes as REST answers them. The number of queries does not depend on the number of homes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from core.database.replica import reading
from core.errors import not_found
from properties.models import SearchEntry
from properties.rules.search import Cursor, SearchQuery
from properties.rules.terms import (
    PropertyTerms,
)
from properties.selectors.search.cards import Entry, list_entries, prices, show_card
from properties.selectors.search.free_windows import first_window, free_windows
from properties.selectors.search.sql import NARROW, build, build_count, build_nearest, build_sample
from properties.selectors.search.words import Alike, likest, match_words, names_country, next_likest, searched
from properties.selectors.steps import Absolute
from properties.selectors.terms import get_terms_map

# As many pins as a map can show readably.
PINS = 200
# The share of all homes from which words count as common; homes with rarer words are found by their index and sorted.
COMMON = 0.1
# The innermost circle is a thousandth as wide as the whole.
MOST_RINGS = 10


class Found(NamedTuple):
    """A home found: `key` is what the page is sorted by; `metres` from the point asked about, None without one; `check_in` the
    day found for flexible dates, None where they are fixed.
    """

    property_id: int
    key: Decimal
    metres: float | None
    check_in: date | None = None

    def dated(self, query: SearchQuery) -> SearchQuery:
        """`query` with the dates that were found for this home."""
        if self.check_in is None:
            return query
        return replace(
            query, check_in=self.check_in, check_out=self.check_in + timedelta(query.nights), flexible_days=0
        )


def search_homes(
    query: SearchQuery, *, now: datetime, absolute: Absolute
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """The page of `query` and the cursor of the next one, None at the end."""
    rows = find(query, now)
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    cursor = Cursor(query.sort, last.key, last.property_id) if last else None
    return _show(page, query, now, absolute), cursor


def list_pins(query: SearchQuery, *, now: datetime) -> list[dict[str, Any]]:
    """Where the first homes of the whole search are and what a night costs, whichever page of it is shown."""
    rows = {row.property_id: row for row in find(replace(query, cursor=None, limit=PINS), now)[:PINS]}
    ids = list(rows)
    terms = get_terms_map(ids)
    points = SearchEntry.objects.filter(pk__in=ids).values_list("property_id", "latitude", "longitude")
    return [_pin(terms[pk], latitude, longitude, rows[pk].dated(query), now) for pk, latitude, longitude in points]


def _pin(terms: PropertyTerms, latitude: float, longitude: float, query: SearchQuery, now: datetime) -> dict[str, Any]:
    return {
        "id": str(terms.id),
        "name": terms.title,
        "latitude": latitude,
        "longitude": longitude,
        "price": prices(terms, query, now)["price_per_night"],
        "currency": terms.currency,
    }


def show_home(property_id: int, query: SearchQuery, *, now: datetime, absolute: Absolute) -> dict[str, Any]:
    """One listed home as a page of `query` has it. Raises `not_found`."""
    if not SearchEntry.objects.filter(pk=property_id).exists():
        raise not_found()
    return _show([Found(property_id, Decimal(0), None, _nearest(property_id, query, now))], query, now, absolute)[0]


def _nearest(property_id: int, query: SearchQuery, now: datetime) -> date | None:
    """The day on which flexible dates begin for a home; None where they are fixed, or none of them is free."""
    if not query.is_flexible:
        return None
    with reading().cursor() as cursor:
        cursor.execute(*build_nearest(query, property_id, now))
        row = cursor.fetchone()
    return row[0] if row else None


def show_homes(
    property_ids: Iterable[int], query: SearchQuery, *, now: datetime, absolute: Absolute,
    entries: Mapping[int, Entry] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Those of these homes that are listed, in the order given, as a page of `query` has them; `entries` if read already."""
    return _show([Found(number, Decimal(0), None) for number in property_ids], query, now, absolute, entries)


def find(query: SearchQuery, now: datetime) -> list[Found]:
    """The ids of the page in order, and one more where there is a next."""
    # Looking words up sets a limit of the database; else two trips are spared.
    with transaction.atomic(using=reading().alias) if query.words else nullcontext():
        matches = searched(match_words(query.words), query.words)
        if query.words and not matches:
            return []
        rows = _first_page(parts_of(query, matches), now)
        if rows or len(matches) < 2 or (query.cursor and _first_page(parts_of(_top(query), matches), now)):
            return rows
        # No home has all of the words: then homes count that have some of them, and more than the country's name.
        some = [alike for alike in matches if not names_country(alike)] or matches
        return _first_page([Part(query, some, query.sort == "distance" or is_narrow(query), every=False)], now)


def _top(query: SearchQuery) -> SearchQuery:
    return replace(query, cursor=None, limit=1)


def _first_page(parts: Iterable[Part], now: datetime) -> list[Found]:
    """The result of the first of these searches that fills the page, or else of the last."""
    rows: list[Found] = []
    with reading().cursor() as cursor:
        for part in parts:
            if part.without and rows:
                continue
            walks = part.is_ranked_by_score and _is_common(part.matches)
            cursor.execute(
                *build(
                    part.query,
                    part.matches,
                    now,
                    by_place=part.by_place,
                    every=part.every,
                    walks=walks,
                    without=part.without,
                )
            )
            rows = [Found(*row) for row in cursor.fetchall()]
            if len(rows) > part.query.limit:
                break
    return rows


class Part(NamedTuple):
    """A search, and whether it is best to start from its boxes: they hold few homes, or no index has the order asked for.

    `every` is whether a home has to have every word. `without` are words that an earlier search looked for: this one is the
    answer only where no home with one of them is left.
    """

    query: SearchQuery
    matches: Sequence[Alike]
    by_place: bool
    every: bool = True
    without: Sequence[str] = ()

    @property
    def is_ranked_by_score(self) -> bool:
        """Whether all homes that have its words match equally well."""
        alike = len(self.matches) > 1 and all(len(one) == 1 for one in self.matches)
        return alike and self.every and not self.by_place and self.query.sort == "relevance"


def parts_of(query: SearchQuery, matches: Sequence[Alike]) -> Iterator[Part]:
    """Smaller searches that find the first homes, and the whole search last. The first that fills the page is the answer."""
    by_place = query.sort == "distance" or is_narrow(query)
    if query.sort == "distance":
        yield from (Part(ring, matches, by_place) for ring in _rings(query))
    if query.sort == "relevance" and (best := likest(matches)):
        yield Part(query, best, by_place)
        second, first = next_likest(matches)
        if second:
            yield Part(query, second, by_place, without=first)
    yield Part(query, matches, by_place)


def _is_common(matches: Sequence[Alike]) -> bool:
    """Whether so many homes have all of these words that walking down by score soon finds a page of them.

    It counts in a sample of the table's pages: the planner takes words for independent, and so a whole address for very rare.
    """
    with reading().cursor() as cursor:
        cursor.execute(*build_sample(matches))
        [(hits, seen)] = cursor.fetchall()
    return bool(hits > COMMON * seen)


def _rings(query: SearchQuery) -> list[SearchQuery]:
    """The search in smaller circles, the smallest first: one that holds few homes, and those between it and the whole."""
    rings: list[SearchQuery] = []
    ring, least = query, query.cursor.key if query.cursor else 0
    while len(rings) < MOST_RINGS and ring.near and ring.near.radius_km * 500 > least and not is_narrow(ring):
        ring = replace(ring, near=replace(ring.near, radius_km=ring.near.radius_km / 2))
        rings.insert(0, ring)
    return rings


def is_narrow(query: SearchQuery) -> bool:
    """Whether the query's boxes hold few homes."""
    if not (query.boxes or query.near):
        return False
    with reading().cursor() as cursor:
        cursor.execute(*build_count(query))
        [(count,)] = cursor.fetchall()
    return bool(count <= NARROW)


def _show(
    page: Sequence[Found], query: SearchQuery, now: datetime, absolute: Absolute,
    entries: Mapping[int, Entry] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    ids = [row.property_id for row in page]
    if not ids:
        return []
    terms = get_terms_map(ids)
    entries = list_entries(ids) if entries is None else entries
    free = free_windows(terms.values(), now)
    shown = []
    for row in page:
        if (entry := entries.get(row.property_id)) is None:
            continue
        dated = row.dated(query)
        card = show_card(entry, terms[row.property_id], dated, now, absolute)
        card["availability"] = first_window(free[row.property_id])
        if row.metres is not None:
            card["distance_km"] = round(row.metres / 1000, 2)
        # Which nights of flexible dates the home has free.
        if row.check_in is not None:
            card |= {"check_in": str(dated.check_in), "check_out": str(dated.check_out)}
        shown.append(card)
    return shown
