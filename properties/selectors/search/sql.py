"""The one statement of a search: which homes, in which order. Built of fixed texts; what was asked goes in as parameters.

Every filter is on the narrow search table, so that any of its indexes may lead: the point (GiST), words and amenities
(GIN), price or score (btree, for pages off the top of everything). The calendar is probed home by home through
`calendar_ends`: entries of a home never overlap, so few are looked at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from properties.rules.places import swapped
from properties.rules.search import DESCENDING, Box, SearchQuery

Plain = dict[str, Any]

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

METRES = """(12742000 * asin(least(1, sqrt(
    power(sin(radians(s.latitude - %(latitude)s) / 2), 2)
    + cos(radians(%(latitude)s)) * cos(radians(s.latitude))
    * power(sin(radians(s.longitude - %(longitude)s) / 2), 2)))))"""

FREE = """NOT EXISTS (
    SELECT 1 FROM properties_calendarentry e
     WHERE e.property_id = s.property_id AND upper(e.nights) > %(check_in)s AND lower(e.nights) < %(check_out)s
       AND (e.held_until IS NULL OR e.held_until > %(now)s))"""

OPEN = """(s.always_open OR EXISTS (
    SELECT 1 FROM properties_window w
     WHERE w.property_id = s.property_id AND w.nights @> daterange(%(check_in)s, %(check_out)s)))"""

STAY_FITS = """s.min_nights <= %(nights)s AND s.max_nights >= %(nights)s
   AND %(check_in)s::date - s.notice_days >= (%(now)s AT TIME ZONE s.timezone)::date"""


def build(query: SearchQuery, now: datetime) -> tuple[str, Plain]:
    """The statement and its parameters. Columns: property_id, key (what it is sorted by), metres (null without near)."""
    params: Plain = {"now": now, "limit": query.limit + 1}
    conditions = [*_words(query, params), *_dates(query, params), *_place(query, params), *_plain(query, params)]
    key = _key(query)
    conditions += _prices(query, params) + _after(query, key, params)
    direction = "DESC" if query.sort in DESCENDING else "ASC"
    metres = METRES if query.near else "NULL::float8"
    where = " AND ".join(conditions) or "true"
    text = (
        f"SELECT s.property_id, {key} AS key, {metres} AS metres FROM properties_searchentry s"  # noqa: S608
        f" WHERE {where} ORDER BY {key} {direction}, s.property_id {direction} LIMIT %(limit)s"
    )
    return text, params


def _words(query: SearchQuery, params: Plain) -> list[str]:
    """Every word must be there: as written, with two letters swapped, or nearly."""
    for number, word in enumerate(query.words):
        params[f"word{number}"] = word
        params[f"slips{number}"] = "|".join(swapped(word))
    return [f"(s.text ~ %(slips{n})s OR %(word{n})s <<%% s.text)" for n in range(len(query.words))]


def _dates(query: SearchQuery, params: Plain) -> list[str]:
    if not query.nights:
        return []
    params |= {"check_in": query.check_in, "check_out": query.check_out, "nights": query.nights}
    return [STAY_FITS, OPEN, FREE]


def _place(query: SearchQuery, params: Plain) -> list[str]:
    conditions = []
    if query.boxes:
        conditions.append(_inside(query.boxes, "box", params))
    if query.near:
        params |= {"latitude": query.near.latitude, "longitude": query.near.longitude}
        params["metres"] = query.near.radius_km * 1000
        conditions += [_inside(query.near.boxes(), "near", params), f"{METRES} <= %(metres)s"]
    return conditions


def _inside(boxes: tuple[Box, ...] | list[Box], name: str, params: Plain) -> str:
    tests = []
    for number, (west, south, east, north) in enumerate(boxes):
        params[f"{name}{number}"] = f"(({west!r},{south!r}),({east!r},{north!r}))"
        tests.append(f"point(s.longitude, s.latitude) <@ %({name}{number})s::box")
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
    params |= {"min_price": query.min_price, "max_price": query.max_price}
    price = _price(query)
    limits = ((f"{price} >= %(min_price)s", query.min_price), (f"{price} <= %(max_price)s", query.max_price))
    return [condition for condition, limit in limits if limit is not None]


def _price(query: SearchQuery) -> str:
    return MEAN_PRICE if query.nights else "s.price"


def _key(query: SearchQuery) -> str:
    if query.sort == "price":
        return _price(query)
    if query.sort == "rating":
        return "(coalesce(s.rating, 0) * 1000000 + least(s.rating_count, 999999))"
    if query.sort == "distance":
        return f"round({METRES}::numeric, 1)"
    if not query.words:
        return "s.score"
    likeness = " + ".join(f"strict_word_similarity(%(word{n})s, s.text)" for n in range(len(query.words)))
    return f"(round((({likeness}) / {len(query.words)})::numeric, 2) * 10000 + s.score * 10)"


def _after(query: SearchQuery, key: str, params: Plain) -> list[str]:
    if query.cursor is None:
        return []
    params |= {"after_key": query.cursor.key, "after_id": query.cursor.property_id}
    sign = "<" if query.sort in DESCENDING else ">"
    return [f"({key}, s.property_id) {sign} (%(after_key)s, %(after_id)s)"]
