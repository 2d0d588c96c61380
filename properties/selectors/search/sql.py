"""Builds the one statement of a search: which homes, in which order. It consists of fixed texts; the query's values are parameters.

Every filter is on the narrow search table, so that any of its indexes may lead: the point (GiST), words and amenities
(GIN), price, rank or score (btree, for pages off the top of everything). The calendar is probed home by home through
`calendar_ends`, for homes that are not certainly taken: entries of a home never overlap, so it reads few.

The planner can't tell how many homes lie in a box: it takes every box for a thousandth of all. So they are counted first, up
to `NARROW`. A narrow box, and every circle whose nearest homes are wanted, is read by the point's index, and the other filters
apply to its homes. A wide box is a condition on columns that have statistics, beside an index that has the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.timezones import zones_off_greenwich
from properties.rules.places import EARTH_M
from properties.rules.search import DESCENDING, Box, SearchQuery
from properties.rules.terms import MAX_DAYS_AHEAD
from properties.selectors.search.flexible import join_nearest, with_nearest
from properties.selectors.search.stay_sql import (
    FITS_ANYWHERE,
    FREE,
    FREE_BUT_HELD,
    NOT_TOO_FAR,
    OPEN,
    STAY_FITS,
    TAKEN,
    TODAY,
)
from properties.selectors.search.words import Alike

Plain = dict[str, Any]

TABLE = "properties_searchentry s"

# What a night costs on the mean of those asked for, as `rules.terms.price_night` has it.
MEAN_PRICE = """(CASE WHEN s.has_price_rules THEN (
    SELECT round(avg(coalesce(r.price, s.price)), 2)
      FROM generate_series(%(check_in)s::date, %(check_out)s::date - 1, interval '1 day') AS night
      LEFT JOIN LATERAL (
        SELECT p.price FROM properties_pricerule p
         WHERE p.property_id = s.property_id AND night >= p.start_date AND night < p.end_date
           AND (p.weekdays IS NULL OR extract(isodow FROM night)::int - 1 = ANY(p.weekdays))
         ORDER BY p.position DESC, p.id DESC LIMIT 1) r ON true)
  ELSE s.price END)"""

METRES = f"""({2 * EARTH_M} * asin(least(1, sqrt(
    power(sin(radians(s.latitude - %(latitude)s) / 2), 2)
    + cos(radians(%(latitude)s)) * cos(radians(s.latitude))
    * power(sin(radians(s.longitude - %(longitude)s) / 2), 2)))))"""

DISTANCE = f"round({METRES}::numeric, 1)"

NARROW = 1000


def build_count(query: SearchQuery) -> tuple[str, Plain]:
    """The statement that counts the homes in the query's boxes, and at most one more than are few."""
    params: Plain = {"most": NARROW + 1}
    where = " AND ".join(_place(query, params, by_place=True))
    return f"SELECT count(*) FROM (SELECT FROM {TABLE} WHERE {where} LIMIT %(most)s) c", params  # noqa: S608 - our own names


def build_sample(matches: Sequence[Alike]) -> tuple[str, Plain]:
    """The statement that looks at a hundredth of the table: how many homes there have all of the words, and how many there are."""
    params: Plain = {}
    where = " AND ".join(_words(matches, params, every=True))
    # REPEATABLE reads the same pages each time, so that one search has one plan.
    sample = f"{TABLE} TABLESAMPLE SYSTEM (1) REPEATABLE (1)"
    return f"SELECT count(*) FILTER (WHERE {where}), count(*) FROM {sample}", params  # noqa: S608 - our own names


def build(
    query: SearchQuery, matches: Sequence[Alike], now: datetime, *, by_place: bool, every: bool = True, walks: bool = False,
    without: Sequence[str] = (),
) -> tuple[str, Plain]:  # fmt: skip
    """The statement and its parameters; `matches` has the words that each of the query's may mean, `by_place` is whether
    it starts from the boxes, and `every` whether a home has to have every word, or some. `walks`: so many have the words that
    the order's index leads and no other. `without`: no home with one of these words.

    Columns: property_id, key (what it is sorted by), metres (null without near), check_in (null without flexible dates).
    """
    params: Plain = {"now": now, "limit": query.limit + 1}
    boxes = _place(query, params, by_place)
    conditions = [*_words(matches, params, every, walks), *_near(query, params), *_plain(query, params)]
    dates, prices = _dates(query, params), _prices(query, params)
    joins = TODAY if query.nights else ""
    if query.is_flexible:
        joins += join_nearest([*dates, *prices], query, params)
    else:
        conditions += dates
    if without:
        params["without"] = list(without)
        conditions.append("NOT s.words && %(without)s::text[]")
    source = f"(SELECT * FROM {TABLE} WHERE {' AND '.join(boxes)} OFFSET 0) s" if by_place else TABLE  # noqa: S608 - our own names
    conditions += [] if by_place else boxes
    key = _key(query, matches, every)
    after = _after(query, key, params)
    if query.nights and query.sort == "price" and not by_place:
        conditions += _cheapest(conditions, query, joins)
    direction = "DESC" if query.sort in DESCENDING else "ASC"
    metres, check_in = METRES if query.near else "NULL::float8", "f.check_in" if query.is_flexible else "NULL::date"
    where = " AND ".join([*conditions, *([] if query.is_flexible else prices), *after]) or "true"
    order = f"{_order(query, matches, every)} {direction}, s.property_id {direction}"
    if query.is_flexible:
        key, where, order = with_nearest(key), with_nearest(where), with_nearest(order)
    text = (
        f"SELECT s.property_id, {key} AS key, {metres} AS metres, {check_in} AS check_in FROM {source}{joins}"  # noqa: S608 - our own names
        f" WHERE {where} ORDER BY {order} LIMIT %(limit)s"
    )
    return text, params


def build_nearest(query: SearchQuery, property_id: int, now: datetime) -> tuple[str, Plain]:
    """The statement that finds the start which a search with flexible dates has for one home; no row where none is free."""
    params: Plain = {"now": now, "property_id": property_id}
    joins = TODAY + join_nearest([*_dates(query, params), *_prices(query, params)], query, params)
    return f"SELECT f.check_in FROM {TABLE}{joins} WHERE s.property_id = %(property_id)s", params  # noqa: S608 - our own names


def _words(matches: Sequence[Alike], params: Plain, every: bool, walks: bool = False) -> list[str]:
    """Every word must be there, or one that it may mean; or else one of them all.

    `walks`: in a CASE, which no index knows, and of which the planner takes half of the homes for true.
    """
    for number, alike in enumerate(matches):
        params[f"any{number}"] = [word for words in alike.values() for word in words]
        params |= {f"alike{number}_{place}": words for place, words in enumerate(alike.values())}
    there = [f"s.words && %(any{number})s::text[]" for number in range(len(matches))]
    if walks:
        return [f"CASE WHEN {' AND '.join(there)} THEN true ELSE false END"]
    return there if every else [f"({' OR '.join(there)})"]


def _dates(query: SearchQuery, params: Plain) -> list[str]:
    if not query.check_in or not query.nights:
        return []
    params |= {"check_in": query.check_in, "check_out": query.check_out, "nights": query.nights}
    ahead, behind = zones_off_greenwich(params["now"])
    # One text for each: a list would be two hundred constants for the parser.
    params |= {"zones_ahead": f"{{{','.join(ahead)}}}", "zones_behind": f"{{{','.join(behind)}}}"}
    params["greenwich"] = params["now"].astimezone(UTC).date()
    is_far = (query.check_in - params["now"].date()).days + query.flexible_days >= MAX_DAYS_AHEAD
    free = [TAKEN, FREE]
    if query.held_homes:
        params |= {"held_homes": list(query.held_homes), "held_entries": list(query.held_entries)}
        free = [f"(s.property_id = ANY(%(held_homes)s) OR {TAKEN})", FREE_BUT_HELD]
    return [STAY_FITS, *([NOT_TOO_FAR] if is_far else []), OPEN, *free]


def _place(query: SearchQuery, params: Plain, by_place: bool) -> list[str]:
    boxes = [_inside(query.boxes, "box", params, by_place)] if query.boxes else []
    return boxes + ([_inside(query.near.boxes(), "near", params, by_place)] if query.near else [])


def _near(query: SearchQuery, params: Plain) -> list[str]:
    if not query.near:
        return []
    params |= {"latitude": query.near.latitude, "longitude": query.near.longitude}
    params["metres"] = query.near.radius_km * 1000
    # By the distance as it is sorted: of two homes at the same distance a smaller circle holds both or none.
    return [f"{DISTANCE} <= %(metres)s"]


def _inside(boxes: Sequence[Box], name: str, params: Plain, by_place: bool) -> str:
    tests = []
    for number, (west, south, east, north) in enumerate(boxes):
        if by_place:
            params[f"{name}{number}"] = f"(({west!r},{south!r}),({east!r},{north!r}))"
            tests.append(f"point(s.longitude, s.latitude) <@ %({name}{number})s::box")
        else:
            params |= {
                f"{name}{number}{side}": value for side, value in zip("wsen", (west, south, east, north), strict=True)
            }
            tests.append(
                f"(s.longitude BETWEEN %({name}{number}w)s AND %({name}{number}e)s"
                f" AND s.latitude BETWEEN %({name}{number}s)s AND %({name}{number}n)s)"
            )
    return f"({' OR '.join(tests)})"


def _plain(query: SearchQuery, params: Plain) -> list[str]:
    params |= {
        "guests": query.guests,
        "types": list(query.property_types),
        "amenities": list(query.amenities),
        "currency": query.currency,
    }
    asked = {
        "s.guests >= %(guests)s": query.guests,
        "s.property_type = ANY(%(types)s)": query.property_types,
        "s.amenities @> %(amenities)s::text[]": query.amenities,
        f"s.{query.category}": query.category,
        "s.negotiable": query.negotiable,
        "s.superhost": query.superhost,
        "s.currency = %(currency)s": query.compares_prices,
    }
    return [condition for condition, wanted in asked.items() if wanted]


def _prices(query: SearchQuery, params: Plain) -> list[str]:
    """The limits of price; with dates, first conditions on the cheapest and dearest night, which are cheap to check."""
    params |= {"min_price": query.min_price, "max_price": query.max_price}
    price = _price(query)
    least = ["s.most_price >= %(min_price)s", f"{price} >= %(min_price)s"] if query.min_price is not None else []
    most = ["s.least_price <= %(max_price)s", f"{price} <= %(max_price)s"] if query.max_price is not None else []
    return least + most


def _cheapest(conditions: Sequence[str], query: SearchQuery, joins: str) -> list[str]:
    """Bounds on the mean price, so that it is computed for few homes: a page ends before the last of so many homes with the
    cheapest dearest night, and begins behind the cursor.
    """
    sure = ["s.least_price >= %(min_price)s"] if query.min_price is not None else []
    sure += ["s.most_price <= %(max_price)s"] if query.max_price is not None else []
    sure += ["s.least_price > %(after_key)s"] if query.cursor is not None else []
    # Fewer homes only raise the bound.
    where = " AND ".join([*(FITS_ANYWHERE if one == STAY_FITS else one for one in conditions), *sure])
    cap = (
        f"SELECT max(c.most_price) FROM (SELECT s.most_price FROM {TABLE}{joins} WHERE {where}"  # noqa: S608 - our own names
        " ORDER BY s.most_price LIMIT %(limit)s) c HAVING count(*) = %(limit)s"
    )
    later = ["s.most_price >= %(after_key)s"] if query.cursor is not None else []
    return [f"s.least_price <= coalesce(({cap}), 'Infinity'::numeric)", *later]


def _price(query: SearchQuery) -> str:
    return MEAN_PRICE if query.nights else "s.price"


def _key(query: SearchQuery, matches: Sequence[Alike], every: bool) -> str:
    if query.sort == "price":
        return _price(query)
    if query.sort == "rating":
        return "s.rank"
    if query.sort == "distance":
        return DISTANCE
    if not matches:
        return "s.score"
    likeness = " + ".join(_likeness(number, alike, every) for number, alike in enumerate(matches))
    return f"(round(({likeness}) / {len(matches)}, 2) * 10000 + s.score * 10)"


def _order(query: SearchQuery, matches: Sequence[Alike], every: bool) -> str:
    """An expression that sorts as the key does. Where all homes match equally well it is the score, which an index has in order."""
    if every and query.sort == "relevance" and all(len(alike) == 1 for alike in matches):
        return "s.score"
    return _key(query, matches, every)


def _likeness(number: int, alike: Alike, every: bool) -> str:
    """How well a home's best word matches; where it has every word, the mean over the words."""
    if every and len(alike) == 1:
        return str(*alike)
    cases = [f"WHEN s.words && %(alike{number}_{place})s::text[] THEN {share}" for place, share in enumerate(alike)]
    return f"CASE {' '.join(cases)} ELSE 0 END"


def _after(query: SearchQuery, key: str, params: Plain) -> list[str]:
    if query.cursor is None:
        return []
    params |= {"after_key": query.cursor.key, "after_id": query.cursor.property_id}
    sign = "<" if query.sort in DESCENDING else ">"
    return [f"({key}, s.property_id) {sign} (%(after_key)s, %(after_id)s)"]
