"""That the database uses the indexes search was built for. A few thousand homes are enough for it to see a difference."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock
from properties.rules.search import Near, SearchQuery, boxes_between
from properties.selectors.search.results import parts_of
from properties.selectors.search.sql import build
from properties.selectors.search.words import MATCH, MOST, match_words
from tests.factories.properties import make_user

pytestmark = pytest.mark.django_db
HOMES, STAYS_A_HOME = 4000, 4
EMPTY = {"properties_window", "properties_pricerule"}
NOW = clock.now()

FILL = """
INSERT INTO properties_property (host_id, status, steps_done, property_type, property_sub_type, online_type, stay,
  stay_with_meal, paying_guest, timezone, title, description, highlights, security_features, house_rules, currency, price,
  cleaning_fee, min_nights, max_nights, notice_days, cancellation_policy, instant_book, negotiable, offers_per_side,
  paying_guest_description, allow_paying_guests, paying_guest_photo, rating_sum, rating_count, always_open, ical_nonce,
  created_at, updated_at)
SELECT %(host)s, 'listed', '{1,2,3,4,7}', 'House', 'Entire place', '', true, false, false, 'Asia/Dhaka', 'Home ' || n, '',
  '{}', '{}', '', 'BDT', 500 + n %% 9000, 0, 1, 365, 0, 'moderate', false, true, 5, '', false, '', 0, 0, true, '', now(), now()
  FROM generate_series(1, %(homes)s) n;
INSERT INTO properties_searchentry (property_id, host_id, words, latitude, longitude, guests, currency, price,
  has_price_rules, least_price, most_price, property_type, stay, stay_with_meal, paying_guest, amenities, negotiable,
  superhost, rating_count, score, min_nights, max_nights, notice_days, timezone, always_open)
SELECT id, host_id, ARRAY[md5(id::text), CASE WHEN id %% 200 = 0 THEN 'sreemangal' ELSE 'dhaka' END],
  21 + (id * 7919 %% 1000) * 0.005, 88 + (id * 104729 %% 1000) * 0.004, 1 + id %% 8, 'BDT', price, id %% 4 = 0, price,
  price * CASE WHEN id %% 4 = 0 THEN 1.2 ELSE 1 END, 'House', true, false, false,
  CASE WHEN id %% 100 = 0 THEN '{sauna}' ELSE '{wifi}' END::text[], true, false, 0, (id %% 500) / 100.0, 1, 365, 0,
  'Asia/Dhaka', true
  FROM properties_property;
INSERT INTO properties_searchword (word)
SELECT 'sreemangal' UNION SELECT substr(md5(n::text), 1, 9) FROM generate_series(1, 4000) n;
INSERT INTO properties_calendarentry (property_id, kind, nights, created_at)
SELECT p.id, 'stay', daterange(current_date + 20 * n + (p.id %% 9)::int, current_date + 20 * n + (p.id %% 9)::int + 4), now()
  FROM properties_property p CROSS JOIN generate_series(1, %(stays)s) n;
-- Else every test would check these rows' foreign keys again at its end.
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
ANALYZE properties_searchentry; ANALYZE properties_calendarentry; ANALYZE properties_searchword;
"""


@pytest.fixture(scope="module")
def homes(django_db_setup, django_db_blocker):
    """Filled once, undone at the end."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"host": make_user("planner").pk, "homes": HOMES, "stays": STAYS_A_HOME})
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture
def explained(homes, django_db_blocker):
    """Index names that the plan of a search uses, tables that it scans whole, and its rows."""

    def explain(**asked):
        query = SearchQuery(**asked)
        with django_db_blocker.unblock():
            *_, whole = parts_of(query, match_words(query.words))
            text, params = build(whole.query, whole.matches, NOW, by_place=whole.by_place)
            return plan_of(text, params)

    return explain


def plan_of(text, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {text}", params)
        [(plan,)] = cursor.fetchall()
    nodes = list(walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node and node["Actual Loops"]}
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} - EMPTY
    return indexes, scanned, nodes[0]["Actual Rows"]


def walk(node):
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


def dates(first, last):
    return {"check_in": NOW.date() + timedelta(first), "check_out": NOW.date() + timedelta(last)}


def test_a_box_with_dates_and_two_filters(explained):
    box = tuple(boxes_between(90.0, 23.0, 91.0, 24.0))
    indexes, scanned, rows = explained(boxes=box, guests=2, negotiable=True, **dates(53, 57))
    assert "search_point" in indexes
    assert "calendar_ends" in indexes
    assert scanned == set()
    assert rows > 0


def test_a_circle(explained):
    indexes, scanned, _ = explained(near=Near(23.2, 90.2, 20), sort="distance")
    assert "search_point" in indexes
    assert scanned == set()


def test_a_word_with_a_slip_is_looked_up_among_words_and_homes_by_the_words_it_may_mean(explained, django_db_blocker):
    with django_db_blocker.unblock():
        limit = {"words": ["sremangal"], "slips": ["sremangal"], "most": MOST}
        indexes, scanned, rows = plan_of(MATCH, limit)
    assert indexes == {"search_word_trigrams"}
    assert scanned == set()
    assert rows == 1
    indexes, scanned, rows = explained(words=("sremangal",))
    assert "search_words" in indexes
    assert scanned == set()
    assert rows == HOMES / 200


def test_a_rare_amenity(explained):
    indexes, scanned, _ = explained(amenities=("sauna",))
    assert "search_amenities" in indexes
    assert scanned == set()


TOPS = [({}, "search_score"), ({"sort": "rating"}, "search_rank"), ({"sort": "price"}, "search_price")]


@pytest.mark.parametrize(("asked", "index"), TOPS)
def test_the_top_of_everything_is_read_from_an_index(explained, asked, index):
    indexes, scanned, rows = explained(**asked)
    assert index in indexes
    assert scanned == set()
    assert rows == 51


@pytest.mark.parametrize(("asked", "index"), [*TOPS[:2], ({"sort": "price"}, "search_most_price")])
def test_with_dates_the_top_is_walked_and_the_calendar_probed_home_by_home(explained, asked, index):
    """The stays are not joined: reading every stay of every home to show fifty homes is too slow at 100,000."""
    indexes, scanned, rows = explained(**asked, **dates(53, 57))
    assert {index, "calendar_ends"} <= indexes
    assert scanned == set()
    assert rows == 51


def test_a_box_round_everything_is_walked_from_the_top(explained):
    everywhere = tuple(boxes_between(80.0, 15.0, 99.0, 30.0))
    indexes, scanned, rows = explained(boxes=everywhere, guests=2, **dates(53, 57))
    assert {"search_score", "calendar_ends"} <= indexes
    assert scanned == set()
    assert rows == 51


def test_the_calendar_is_asked_of_no_home_that_is_certainly_taken(explained):
    """A long stay is free hardly anywhere: to ask of every home would take longer than all the rest."""
    indexes, _, rows = explained(**dates(15, 215))
    assert rows == 0
    assert "calendar_ends" not in indexes


def test_the_nearest_in_a_wide_circle_are_looked_for_in_a_small_one(homes, django_db_blocker):
    query = SearchQuery(near=Near(23.2, 90.2, 400), sort="distance")
    with django_db_blocker.unblock():
        small, *_, whole = parts_of(query, [])
        indexes, scanned, rows = plan_of(*build(small.query, (), NOW, by_place=small.by_place))
    assert whole.query == query
    assert (small.query.near.radius_km, rows) == (100, 51)
    assert "search_point" in indexes
    assert scanned == set()
