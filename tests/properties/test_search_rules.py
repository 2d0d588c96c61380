"""What a search may ask, the boxes that hold a circle, and the cursor between two pages."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest

from core.errors import DomainError
from properties.rules.facets import Traits, count_facets
from properties.rules.places import metres_between
from properties.rules.search import Cursor, Near, SearchQuery, boxes_between, check_search_dates, read_cursor

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("west", "east", "expected"),
    [
        (10, 20, [(10, -1, 20, 1)]),
        (-180, 180, [(-180, -1, 180, 1)]),
        (-200, 200, [(-180, -1, 180, 1)]),
        (170, 180, [(170, -1, 180, 1)]),
        (170, 190, [(170, -1, 180, 1), (-180, -1, -170, 1)]),
        (-190, -170, [(170, -1, 180, 1), (-180, -1, -170, 1)]),
        (170, -170, [(170, -1, 180, 1), (-180, -1, -170, 1)]),
        (0, 359.5, [(0, -1, 180, 1), (-180, -1, -0.5, 1)]),
    ],
)
def test_a_box_is_cut_at_the_date_line(west, east, expected):
    assert boxes_between(west, -1.0, east, 1.0) == expected


@pytest.mark.parametrize(
    ("latitude", "longitude", "radius_km"),
    [(23.8, 90.4, 25), (0, 0, 1), (60, 179.9, 100), (-88, 10, 50), (80, -179.9, 900), (45, 7, 1000), (-60, 0, 0.001)],
)
def test_the_boxes_hold_the_circle_and_hardly_more(latitude, longitude, radius_km):
    boxes = Near(latitude, longitude, radius_km).boxes()
    for degrees in range(0, 360, 15):
        north, east = circle(latitude, longitude, radius_km, degrees)
        assert any(west <= east <= right and south <= north <= top for west, south, right, top in boxes), degrees
    whole_turn = boxes[0][2] - boxes[0][0] == 360
    assert whole_turn or metres_between(latitude, longitude, boxes[0][3], longitude) < radius_km * 1000 + 2


def circle(latitude, longitude, radius_km, degrees):
    """The point on the circle in this direction, by the formula of great circles."""
    from math import asin, atan2, cos, radians, sin
    from math import degrees as in_degrees

    arc, angle, lat = radius_km / 6371, radians(degrees), radians(latitude)
    north = asin(sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(angle))
    east = atan2(sin(angle) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sin(north))
    return in_degrees(north), (longitude + in_degrees(east) + 180) % 360 - 180


@pytest.mark.parametrize(
    ("latitude", "radius_km", "south", "north"),
    [
        (88.9, 50, 88.45, 89.35),
        (88.9, 200, 87.1, 90),
        (-88.9, 50, -89.35, -88.45),
        (-88.9, 200, -90, -87.1),
        (88, 111, 87, 89),
    ],
)
def test_near_a_pole_the_box_goes_all_round_and_stops_at_the_pole(latitude, radius_km, south, north):
    west, bottom, east, top = Near(latitude, 10, radius_km).boxes()[0]
    assert (bottom, top) == (pytest.approx(south, abs=0.01), pytest.approx(north, abs=0.01))
    assert (east - west == 360) is not (latitude == 88)
    assert Near(0, 0).radius_km == 25.0


def test_a_cursor_is_read_as_it_was_written_bare_or_in_an_address():
    cursor = Cursor("price", D("1200.50"), 2**63 - 1)
    assert read_cursor(cursor.text(), "price") == cursor
    assert read_cursor(f"https://stay.example/api/?sort=price&cursor={cursor.text()}", "price") == cursor
    assert "=" not in cursor.text()


def packed(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "ঢাকা", packed("price"), packed("price", "1"), packed("rating", "1", 1), packed("price", "1e3", 1),
        packed("price", "-1", 1), packed("price", "1.1234567", 1), packed("price", "1234567890123", 1),
        packed("price", "NaN", 1), packed("price", "1\n", 1), packed("price", "1", 0), packed("price", "1", -1),
        packed("price", "1", 2**63), packed("price", "1", "one"), packed("price", "1", None), packed(["price"], "1", 1),
        packed("price", "1", 1, 1), packed({}, {}, {}),
    ],
)  # fmt: skip
def test_what_is_no_cursor_of_this_sort_is_invalid(text):
    with pytest.raises(DomainError) as refused:
        read_cursor(text, "price")
    assert refused.value.fields == {"cursor": ["Take it from `next` of the page before, with the same sort."]}


@pytest.mark.parametrize("key", ["0", "123456789012", "1.123456", "0.000001"])
def test_the_longest_keys_of_a_sort_are_fine(key):
    assert read_cursor(packed("price", key, 1), "price").key == D(key)


def ahead(days):
    return None if days is None else TODAY + timedelta(days)


@pytest.mark.parametrize(
    ("check_in", "check_out", "field", "text"),
    [
        (None, 3, "check_in", "Give both days, or none."),
        (3, None, "check_out", "Give both days, or none."),
        (-1, 3, "check_in", "That day has passed."),
        (3, 3, "check_out", "The check-out day must be after the check-in day."),
        (3, 2, "check_out", "The check-out day must be after the check-in day."),
        (0, 366, "check_out", "The longest stay is 365 nights."),
        (732, 733, "check_in", "Stays can be booked up to two years ahead."),
    ],
)
def test_dates_that_cannot_be_are_refused_by_field(check_in, check_out, field, text):
    with pytest.raises(DomainError) as refused:
        check_search_dates(ahead(check_in), ahead(check_out), NOW)
    assert (refused.value.code, refused.value.fields) == ("dates.invalid", {field: [text]})


@pytest.mark.parametrize(("check_in", "check_out"), [(None, None), (0, 1), (0, 365), (731, 732)])
def test_dates_that_can_be(check_in, check_out):
    check_search_dates(ahead(check_in), ahead(check_out), NOW)


def test_a_day_is_past_once_it_is_past_everywhere():
    check_search_dates(TODAY, TODAY + timedelta(1), NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(DomainError):
        check_search_dates(TODAY, TODAY + timedelta(1), NOW + timedelta(hours=24))


def test_nights_and_prices_are_asked_for_only_where_they_are_given():
    assert SearchQuery(check_in=TODAY, check_out=TODAY + timedelta(4)).nights == 4
    assert SearchQuery().nights == SearchQuery(check_in=TODAY).nights == SearchQuery(check_out=TODAY).nights == 0
    compared = [SearchQuery(min_price=D(0)), SearchQuery(max_price=D(0)), SearchQuery(sort="price")]
    assert [query.compares_prices for query in compared] == [True, True, True]
    assert not SearchQuery(sort="rating").compares_prices


HOMES = [
    Traits("house", frozenset({"stay"}), True, False, frozenset({"wifi", "pool"})),
    Traits("house", frozenset({"stay", "stay_with_meal"}), False, True, frozenset({"wifi"})),
    Traits("flat", frozenset({"paying_guest"}), True, True, frozenset()),
]


@pytest.mark.parametrize(
    ("asked", "types", "stays", "amenities", "negotiable", "superhost"),
    [
        ({}, {"house": 2, "flat": 1}, {"stay": 2, "stay_with_meal": 1, "paying_guest": 1}, {"wifi": 2, "pool": 1}, 2, 2),
        ({"property_types": ("flat",)}, {"house": 2, "flat": 1}, {"paying_guest": 1}, {}, 1, 1),
        ({"category": "stay"}, {"house": 2}, {"stay": 2, "stay_with_meal": 1, "paying_guest": 1}, {"wifi": 2, "pool": 1}, 1, 1),
        ({"amenities": ("wifi", "pool")}, {"house": 1}, {"stay": 1}, {"wifi": 1, "pool": 1}, 1, 0),
        ({"negotiable": True}, {"house": 1, "flat": 1}, {"stay": 1, "paying_guest": 1}, {"wifi": 1, "pool": 1}, 2, 1),
        ({"superhost": True}, {"house": 1, "flat": 1}, {"stay": 1, "stay_with_meal": 1, "paying_guest": 1}, {"wifi": 1}, 1, 2),
    ],
)  # fmt: skip
def test_a_choice_counts_the_homes_that_fit_all_other_filters(asked, types, stays, amenities, negotiable, superhost):
    found = count_facets(HOMES, SearchQuery(**asked))
    assert (found.types, found.stays, found.amenities) == (types, stays, amenities)
    assert (found.negotiable, found.superhost) == (negotiable, superhost)
