"""Search's own copy of the taken nights equals the calendar, after a write by any code."""

import random
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from core import clock
from properties.models import CalendarEntry, SearchEntry
from properties.services.blocks import block_nights, free_interval
from properties.services.listings import relist_property, unlist_property
from properties.services.search import refresh_search
from tests.factories.properties import make_entry, make_property

pytestmark = pytest.mark.django_db
NOW = clock.now()
# All homes whose search row has other nights than those of its stays and blocks.
ASTRAY = """
SELECT s.property_id, s.taken, coalesce(range_agg(e.nights), '{}') FROM properties_searchentry s
  LEFT JOIN properties_calendarentry e ON e.property_id = s.property_id AND e.kind <> 'hold'
 GROUP BY s.property_id HAVING s.taken <> coalesce(range_agg(e.nights), '{}')
"""


def day(n):
    return NOW.date() + timedelta(n)


def rows_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def taken(row):
    [(nights,)] = rows_of(f"SELECT taken::text FROM properties_searchentry WHERE property_id = {row.pk}")
    return nights


def spans(*pairs):
    return "{" + ",".join(f"[{day(first)},{day(last)})" for first, last in pairs) + "}"


@pytest.fixture
def home():
    row = make_property()
    refresh_search([row.pk])
    return row


def test_stays_and_blocks_are_there_and_holds_are_not(home):
    stay = make_entry(home, day(3), day(6))
    make_entry(home, day(6), day(8), "block")
    hold = make_entry(home, day(9), day(11), "hold", held_until=NOW)
    make_entry(home, day(-30), day(-25))
    assert taken(home) == spans((3, 8))
    CalendarEntry.objects.filter(pk=hold.pk).update(kind="stay", held_until=None)
    assert taken(home) == spans((3, 8), (9, 11))
    CalendarEntry.objects.filter(pk=stay.pk).update(nights=DateRange(day(4), day(5)))
    assert taken(home) == spans((4, 5), (6, 8), (9, 11))
    CalendarEntry.objects.filter(property=home).delete()
    assert taken(home) == "{}"


def test_a_home_that_comes_back_on_the_market_brings_its_nights_and_saving_a_step_keeps_them(home):
    make_entry(home, day(3), day(6))
    refresh_search([home.pk])
    assert taken(home) == spans((3, 6))
    unlist_property(property_id=home.pk, actor=home.host, now=NOW)
    make_entry(home, day(8), day(9))
    relist_property(property_id=home.pk, actor=home.host, now=NOW)
    assert taken(home) == spans((3, 6), (8, 9))


def test_one_statement_for_many_homes():
    homes = [make_property(title=f"Home {n}") for n in range(4)]
    refresh_search([row.pk for row in homes])
    CalendarEntry.objects.bulk_create(
        CalendarEntry(property=row, kind="stay", nights=DateRange(day(n), day(n + 2))) for n, row in enumerate(homes, 1)
    )
    assert [taken(row) for row in homes] == [spans((n, n + 2)) for n in range(1, 5)]


def test_whatever_a_host_does_the_two_agree(home, rounds):
    dice = random.Random(4)
    for _ in range(rounds(25, 300)):
        change, first = dice.choice((block_nights, free_interval)), dice.randint(0, 40)
        change(
            property_id=home.pk,
            start_date=day(first),
            end_date=day(first + dice.randint(1, 9)),
            actor=home.host,
            now=NOW,
        )
        assert rows_of(ASTRAY) == []
    assert taken(home) != "{}"


def test_an_upgrade_fills_what_was_listed_before(home):
    make_entry(home, day(3), day(6))
    make_entry(home, day(7), day(8), "hold", held_until=NOW)
    SearchEntry.objects.update(taken="{}")
    fill = import_module("properties.migrations.0004_search_knows_taken_nights").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)
    assert taken(home) == spans((3, 6))
