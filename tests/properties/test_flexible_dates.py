"""Flexible dates: as many nights, begun some days sooner or later; each home with the nearest that are free."""

from __future__ import annotations

import re
from decimal import Decimal as D

import pytest
from django.test import Client

from properties.rules.search import SearchQuery
from properties.selectors.search.flexible import starts_of
from properties.services.search import refresh_search
from tests.factories.accounts import client_of, make_user
from tests.factories.properties import make_entry, make_price_rule
from tests.properties.searching import ADDRESS, day, found, home, stay

pytestmark = pytest.mark.django_db


def test_starts_are_tried_from_the_nearest_of_two_as_near_the_sooner() -> None:
    query = SearchQuery(check_in=day(10), check_out=day(13), flexible_days=2)
    assert [(start - day(10)).days for start in starts_of(query)] == [0, -1, 1, -2, 2]


def test_a_home_is_found_for_the_nearest_nights_that_are_free_at_their_price(api):
    row = home("Nearly", price=D(1000))
    make_entry(row, day(9), day(11))
    make_price_rule(row, day(13), day(14), "1600.00")
    full = home("Full")
    make_entry(full, day(5), day(16))
    home("Free")
    refresh_search([row.pk, full.pk])
    assert found(api, **stay()) == ["Free"]
    shown = {one["name"]: one for one in api.get(ADDRESS, stay() | {"flexible_days": 2}).data["results"]}
    assert set(shown) == {"Free", "Nearly"}
    assert (shown["Free"]["check_in"], shown["Free"]["check_out"]) == (str(day(10)), str(day(13)))
    nearly = shown["Nearly"]
    # Three nights from the 11th: two at 1000, one at 1600.
    assert (nearly["check_in"], nearly["check_out"], nearly["price_per_night"]) == (
        str(day(11)),
        str(day(14)),
        "1200.00",
    )
    quote = api.get(f"/api/property/{row.pk}/quote/", {
        "start_date": nearly["check_in"], "end_date": nearly["check_out"], "number_of_guests": 1, "booking_type": "stay",
    }).data  # fmt: skip
    assert (quote["total"], quote["available"]) == (nearly["total"], True)
    assert "check_in" not in api.get(ADDRESS, stay()).data["results"][0]


def test_prices_and_their_order_are_those_of_the_nights_found(api):
    for number, dear in enumerate((2000, 1000, 1500)):
        row = home(f"Home {number}", price=D(900))
        make_entry(row, day(10), day(11))
        make_price_rule(row, day(11), day(14), str(D(dear)))
        refresh_search([row.pk])
    asked = stay() | {"flexible_days": "3"}
    # Sooner by three days: 900 a night; later by one is nearer.
    assert found(api, **asked, sort="price") == ["Home 1", "Home 2", "Home 0"]
    # Where only cheaper nights are wanted, the nearest of those.
    shown = api.get(ADDRESS, asked | {"max_price": 950}).data["results"]
    assert {(one["check_in"], one["price_per_night"]) for one in shown} == {(str(day(7)), "900.00")}


def test_nothing_begins_in_the_past_or_without_dates(api):
    row = home()
    make_entry(row, day(1), day(3))
    assert found(api, **stay(1, 3), flexible_days=1) == []
    assert found(api, flexible_days=3) == ["Lake House"]
    assert found(api, **stay(1, 3), flexible_days=2) == ["Lake House"]


@pytest.mark.parametrize("days", ["4", "-1", "many"])
def test_more_than_three_days_are_refused(api, days):
    refusal = api.get(ADDRESS, stay() | {"flexible_days": days})
    assert (refusal.status_code, list(refusal.data["fields"])) == (400, ["flexible_days"])


def test_a_guests_own_hold_hides_no_home_from_that_guest():
    row, guest = home(), make_user()
    api = client_of(guest)
    body = {"property_id": row.pk, "start_date": str(day(11)), "end_date": str(day(14)), "number_of_guests": 1}
    held = api.post("/api/reserve/", body | {"booking_type": "stay"})
    assert held.status_code == 201, held.data
    asked = stay(11, 14) | {"flexible_days": 1}
    assert [one["check_in"] for one in api.get(ADDRESS, asked).data["results"]] == [str(day(11))]
    assert api.get(ADDRESS, stay(10, 13) | {"flexible_days": 1}).data["results"][0]["check_in"] == str(day(10))
    assert client_of(make_user()).get(ADDRESS, asked).data["results"] == []


def test_a_card_shows_its_nights_and_leads_to_them(client: Client):
    row = home()
    make_entry(row, day(10), day(11))
    asked = stay() | {"flexible_days": "3", "guests": "2", "children": "1"}
    page = client.get("/", asked).content.decode()
    wanted = f"/homes/{row.pk}/?check_in={day(11)}&amp;check_out={day(14)}&amp;guests=2&amp;children=1"
    assert wanted in page
    assert re.search(r'value="3" selected', page)
    # The card of a pin whose home stands on another page.
    assert wanted in client.get(f"/found/{row.pk}/", asked).content.decode()
