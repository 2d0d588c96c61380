"""Measures how long one search takes in the database: dates, a box and two filters, at 1,000 homes and at 100,000.

    python -m bench.search                          both sizes on a PostgreSQL of its own
    python -m bench.search --homes 20000 --rounds 50

The boxes contain the same number of homes at both sizes. The goals are a p95 below 50 ms at 100,000 homes with 1,000,000
stays, and at most twice the p95 at 1,000 homes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bench.database import own_database

SMALL = 1000
# The best of this many tries counts, because other work on the machine can only make a search slower.
TRIES = 5
STAYS_A_HOME = 10
IN_BOX = 350
COUNTRY = (88.3, 21.5, 92.3, 26.0)
SETTINGS = {"shared_buffers": "512MB", "fsync": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}

FILL = """
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT nextval('properties_property_id_seq') AS id, n, 88.3 + random() * 4 AS x, 21.5 + random() * 4.5 AS y,
       1000 + floor(random() * 19000) AS price, 1 + floor(random() * 8)::int AS guests, random() AS luck
  FROM generate_series(%(first)s::int, %(last)s) n;
INSERT INTO properties_property (id, host_id, status, steps_done, property_type, property_sub_type, online_type, stay,
  stay_with_meal, paying_guest, timezone, title, description, highlights, security_features, house_rules, currency, price,
  cleaning_fee, min_nights, max_nights, notice_days, cancellation_policy, instant_book, negotiable, offers_per_side,
  paying_guest_description, allow_paying_guests, paying_guest_photo, rating_sum, rating_count, always_open, ical_nonce,
  created_at, updated_at)
SELECT id, %(host)s, 'listed', '{1,2,3,4,7}', 'House', 'Entire place', '', true, false, false, 'Asia/Dhaka', 'Home ' || n,
  '', '{}', '{}', '', 'BDT', price, 0, 1, 365, 0, 'moderate', false, luck < 0.8, 5, '', false, '', 0, 0, true, '', now(),
  now() FROM fresh;
INSERT INTO properties_pricerule (property_id, position, start_date, end_date, weekdays, price)
SELECT id, 0, current_date, current_date + 365, '{4,5}', round((price * 1.2)::numeric, 2) FROM fresh WHERE n %% 4 = 0;
INSERT INTO properties_searchentry (property_id, host_id, words, latitude, longitude, guests, currency, price,
  has_price_rules, least_price, most_price, property_type, stay, stay_with_meal, paying_guest, amenities, negotiable,
  superhost, rating, rating_count, score, min_nights, max_nights, notice_days, timezone, always_open)
SELECT id, %(host)s, string_to_array('home ' || n || ' bangladesh বাংলাদেশ ' || (ARRAY['gulshan dhaka dacca ঢাকা',
  'patenga chattogram chittagong chattagram চট্টগ্রাম',
  'kolatoli coxs bazar coxsbazar cox bazaar কক্সবাজার কক্স বাজার chattogram chittagong chattagram চট্টগ্রাম',
  'zindabazar sylhet silhet সিলেট', 'sajek rangamati রাঙ্গামাটি রাঙামাটি chattogram chittagong চট্টগ্রাম'])[1 + n %% 5],
  ' '), y, x, guests, 'BDT', price,
  n %% 4 = 0, price, CASE WHEN n %% 4 = 0 THEN round((price * 1.2)::numeric, 2) ELSE price END, 'House', true, false, false,
  CASE WHEN luck < 0.5 THEN '{wifi,kitchen}' ELSE '{parking}' END::text[], luck < 0.8, false,
  round((3 + 2 * luck)::numeric, 2), 1 + (n %% 40), round((3 + luck)::numeric, 3), 1, 365, 0, 'Asia/Dhaka', true FROM fresh;
INSERT INTO properties_searchword (word) SELECT DISTINCT unnest(words) FROM properties_searchentry ON CONFLICT DO NOTHING;
INSERT INTO properties_calendarentry (property_id, kind, nights, created_at)
SELECT id, 'stay', daterange(day, day + 3 + (id %% 6)::int), now()
  FROM fresh CROSS JOIN generate_series(0, %(stays)s - 1) slot
 CROSS JOIN LATERAL (SELECT current_date + 1 + (slot * 18 + (id * 7 + slot * 5) %% 9)::int AS day) d ORDER BY id, slot
"""


def grow(first: int, last: int) -> None:
    """Adds the homes number `first` to `last` and their stays. The database makes them, the same ones every time."""
    from django.db import connection, transaction

    from accounts.models import User

    host, _ = User.objects.get_or_create(username="bench-search", email="bench-search@example.com", is_host=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        facts = {"host": host.pk, "first": first, "last": last, "stays": STAYS_A_HOME}
        for statement in FILL.split(";"):
            cursor.execute(statement, facts)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{last} homes", file=sys.stderr)


def everywhere(rounds: int) -> list[Any]:
    """Returns searches for the top of everything with dates: unsorted, by price, by rating, by a misspelt word, on the map."""
    from core import clock
    from properties.rules.search import SearchQuery

    start = clock.now().date() + timedelta(days=60)
    dates: dict[str, Any] = {"check_in": start, "check_out": start + timedelta(days=4)}
    kinds: list[dict[str, Any]] = [
        {},
        {"sort": "price"},
        {"sort": "rating"},
        {"words": ("sylet",)},
        {"boxes": (COUNTRY,)},
    ]
    return [SearchQuery(**kinds[n % len(kinds)], **dates) for n in range(rounds)]


def wide() -> dict[str, Any]:
    """Returns searches that look at many homes: the nearest within 150 km, and long stays, for which few are free."""
    from core import clock
    from properties.rules.search import Near, SearchQuery

    today = clock.now().date()
    near: dict[str, Any] = {"near": Near(23.7, 90.4, 150), "sort": "distance"}
    soon = {"check_in": today + timedelta(60), "check_out": today + timedelta(64)}
    long: dict[str, Any] = {"check_in": today + timedelta(3), "check_out": today + timedelta(203)}
    return {
        "150 km": SearchQuery(**near),
        "150 km, dates": SearchQuery(**near, **soon),
        "200 nights": SearchQuery(**long),
        "200 nights by price": SearchQuery(**long, sort="price"),
        "200 nights, 150 km": SearchQuery(**long, **near),
        "a map's address": SearchQuery(words=("kolatoli", "coxs", "bazar", "4700", "chattogram", "bangladesh"), **soon),
        "in an old spelling": SearchQuery(words=("chittagong",), **soon),
        "± 3 days": SearchQuery(**soon, flexible_days=3),
        "± 3 days by price": SearchQuery(**soon, flexible_days=3, sort="price"),
        "± 3 days, 150 km": SearchQuery(**soon, **near, flexible_days=3),
        "words never together": SearchQuery(words=("kolatoli", "zindabazar", "bangladesh"), **soon),
    }


def queries(homes: int, rounds: int) -> list[Any]:
    """Returns the same searches every time: a week or less, a box with the same number of homes, guests, one more filter."""
    from core import clock
    from properties.rules.search import SearchQuery, boxes_between

    dice = random.Random(11)
    west, south, east, north = COUNTRY
    share = min(0.95, (IN_BOX / homes) ** 0.5)
    width, height = (east - west) * share, (north - south) * share
    today = clock.now().date()
    made = []
    for _ in range(rounds):
        x, y = dice.uniform(west, east - width), dice.uniform(south, north - height)
        start = today + timedelta(days=dice.randrange(5, 150))
        more = dice.choice([{"amenities": ("wifi",)}, {"max_price": Decimal(12_000)}, {"negotiable": True}])
        made.append(
            SearchQuery(
                boxes=tuple(boxes_between(x, y, x + width, y + height)), guests=2, check_in=start,
                check_out=start + timedelta(days=dice.randrange(2, 8)), **more,
            )
        )  # fmt: skip
    return made


def timed(query: Any, now: Any) -> float:
    """Returns the milliseconds of one search, the best of `TRIES`."""
    from properties.selectors.search.results import find

    began = time.perf_counter()
    find(query, now)
    return (time.perf_counter() - began) * 1000


def measure(asked: list[Any]) -> dict[str, float]:
    """Returns the milliseconds of a search (p50, p95) and the mean number of homes found."""
    from core import clock
    from properties.selectors.search.results import find

    now = clock.now()
    for query in asked[:20]:
        find(query, now)
    took = [min(timed(query, now) for _ in range(TRIES)) for query in asked]
    found = [len(find(query, now)) for query in asked]
    cuts = statistics.quantiles(took, n=20) if len(took) > 1 else took * 19
    return {"p50": statistics.median(took), "p95": cuts[18], "found": statistics.mean(found)}


def explain(homes: int) -> None:
    """Prints the plan of one of these searches."""
    from django.db import connection

    from core import clock
    from properties.selectors.search.sql import build

    text, params = build(queries(homes, 1)[0], (), clock.now(), by_place=True)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS) {text}", params)
        print("\n".join(line for (line,) in cursor.fetchall()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--explain", action="store_true", help="print a plan at either size")
    args = parser.parse_args()
    with own_database("search", SETTINGS):
        rows = []
        for first, homes in ((1, SMALL), (SMALL + 1, args.homes)):
            grow(first, homes)
            rows.append((homes, "box", measure(queries(homes, args.rounds))))
            rows.append((homes, "top", measure(everywhere(20))))
            rows += [(homes, name, measure([query])) for name, query in wide().items()]
            if args.explain:
                explain(homes)
        print("homes   where                 p50 ms   p95 ms   found")
        for homes, where, figures in rows:
            print(f"{homes:<7} {where:<19} {figures['p50']:8.1f} {figures['p95']:8.1f} {figures['found']:7.1f}")


if __name__ == "__main__":
    main()
