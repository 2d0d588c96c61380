"""Search with dates: nights that are free, and what they cost."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection

from core import clock
from core.money import round_money
from properties.rules.search import SearchQuery
from properties.rules.terms import sum_nights
from properties.selectors.search.results import find
from properties.selectors.search.sql import MEAN_PRICE
from properties.selectors.terms import get_terms
from properties.services.search import refresh_search
from tests.factories.properties import make_entry, make_price_rule, make_window
from tests.properties.searching import ADDRESS, day, found, home, stay

pytestmark = pytest.mark.django_db


def test_every_night_must_be_free(api):
    row = home()
    make_entry(row, day(10), day(13))
    assert found(api, **stay(7, 10)) == ["Lake House"]
    assert found(api, **stay(13, 15)) == ["Lake House"]
    for taken in (stay(12, 14), stay(9, 11), stay(11, 12), stay(1, 30)):
        assert found(api, **taken) == []
    assert found(api) == ["Lake House"]


def test_a_hold_counts_until_it_is_over(api):
    make_entry(home(), day(10), day(13), "hold", held_until=clock.now() + timedelta(minutes=5))
    make_entry(home("Free again"), day(10), day(13), "hold", held_until=clock.now() - timedelta(seconds=1))
    assert found(api, **stay()) == ["Free again"]


def test_nights_must_lie_in_a_window(api):
    row = home()
    make_window(row, day(5), day(12))
    refresh_search([row.pk])
    make_entry(row, day(8), day(9))
    assert found(api, **stay(9, 12)) == ["Lake House"]
    assert found(api, **stay(9, 13)) == []
    [shown] = api.get(ADDRESS).data["results"]
    assert shown["availability"] == {"start_date": day(5).isoformat(), "end_date": day(8).isoformat()}


def test_the_limits_of_a_stay_are_held(api):
    home("Long", min_nights=5)
    home("Short", max_nights=2)
    home("Slow", notice_days=20)
    home("Any")
    assert set(found(api, **stay())) == {"Any"}
    assert set(found(api, **stay(10, 15))) == {"Long", "Any"}
    assert set(found(api, **stay(30, 32))) == {"Short", "Slow", "Any"}


def test_with_dates_the_mean_price_counts(api):
    row = home()
    make_price_rule(row, day(11), day(13), "4000.00")
    refresh_search([row.pk])
    [shown] = api.get(ADDRESS, stay()).data["results"]
    assert shown["price_per_night"] == "3000.00"
    assert found(api, **stay(), max_price=2999) == []
    assert found(api, **stay(), max_price=3000, min_price=3000) == ["Lake House"]
    assert found(api, max_price=1000) == ["Lake House"]
    assert found(api, **stay(20, 22), max_price=1000) == ["Lake House"]


def test_dates_are_the_homes_own(api):
    """At the date line it may be the day before, or the day after."""
    home("Kiritimati", timezone="Pacific/Kiritimati")
    home("Niue", timezone="Pacific/Niue")
    now = clock.now()
    for offset in (-1, 0, 1):
        first = (now + timedelta(days=offset)).date()
        local = {"Kiritimati": (now + timedelta(hours=14)).date(), "Niue": (now - timedelta(hours=11)).date()}
        bookable = {name for name, today in local.items() if first >= today}
        if first >= (now - timedelta(hours=12)).date():
            asked = {"check_in": first.isoformat(), "check_out": (first + timedelta(1)).isoformat()}
            assert set(found(api, **asked)) == bookable


def test_sql_and_rules_agree_on_the_mean_price():
    row = home(price=D("333.33"))
    for n, (first, last, price, weekdays) in enumerate(
        [(5, 40, "500.05", None), (8, 20, "701.10", [4, 5]), (15, 18, "99.99", None), (16, 60, "250.00", [0])]
    ):
        assert make_price_rule(row, day(first), day(last), price, weekdays).position == n
    refresh_search([row.pk])
    terms = get_terms(row.pk)
    for first in range(0, 45, 3):
        for nights in (1, 2, 7, 30):
            query = SearchQuery(check_in=day(first), check_out=day(first + nights))
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {MEAN_PRICE} FROM properties_searchentry s",
                    {"check_in": query.check_in, "check_out": query.check_out},
                )
                [(mean,)] = cursor.fetchall()
            assert mean == round_money(sum_nights(terms, query.check_in, nights) / nights)


def test_two_years_ahead_are_counted_from_the_homes_own_date():
    """What nobody can book any more, or yet, is not found: in Niue it is still yesterday."""
    home(timezone="Pacific/Niue")
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    for ahead, count in ((729, 1), (730, 1), (731, 0)):
        first = (now - timedelta(hours=11)).date() + timedelta(ahead)
        asked = SearchQuery(check_in=first, check_out=first + timedelta(2))
        assert len(find(asked, now)) == count, ahead
