"""A least number of nights by season, and gaps sold whole: the same at every door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from core import clock
from properties.models import PriceRule
from properties.selectors.search import search_homes
from properties.serializers.search import read_search
from properties.services.search import refresh_search
from tests.factories.accounts import client_of, make_user
from tests.factories.properties import make_entry, make_price_rule, make_property
from tests.properties.conftest import STEP4

pytestmark = pytest.mark.django_db
TODAY = (clock.now() + timedelta(hours=6)).date()


def day(n):
    return TODAY + timedelta(n)


def answers(row, first, last):
    """What search, quote, reserving and opening say to a stay."""
    guest, nights = client_of(make_user()), {"start_date": str(day(first)), "end_date": str(day(last))}
    stay = nights | {"number_of_guests": 1, "booking_type": "stay", "property_id": row.pk}
    found = APIClient().get("/api/properties/search/", {"check_in": str(day(first)), "check_out": str(day(last))}).data
    quote = guest.get(f"/api/property/{row.pk}/quote/", stay)
    opened = guest.post("/api/nego/start_negotiation_by_guest/", stay | {"guest_price": "1"})
    reserved = client_of(make_user()).post("/api/reserve/", stay)
    return len(found["results"]), quote.status_code, opened.status_code, reserved.status_code


@pytest.fixture
def home():
    row = make_property(min_nights=3)
    make_entry(row, day(5), day(8))
    make_entry(row, day(10), day(14), "block")
    refresh_search([row.pk])
    return row


def test_a_gap_is_sold_whole_and_only_whole(home):
    assert answers(home, 8, 9) == (0, 400, 400, 400)
    assert answers(home, 20, 22) == (0, 400, 400, 400)
    assert answers(home, 8, 10) == (1, 200, 200, 201)


def test_a_calendar_is_told_which_stays_are_taken(home):
    """What `stays` says is what the doors do: for every stay of one to four nights, from each of twenty days."""
    make_price_rule(home, day(15), day(18), "900.00")
    PriceRule.objects.update(min_nights=2)
    refresh_search([home.pk])
    told = APIClient().get(f"/api/property/{home.pk}/availability/", {"from": str(day(0)), "to": str(day(24))}).data
    stays, free = told["stays"], {night["date"] for night in told["nights"]}
    assert (stays["first"], stays["min_nights"]) == (str(TODAY), 3)
    assert stays["arrivals"] == [{"date": str(day(n)), "min_nights": 2} for n in (15, 16, 17)]
    assert stays["gaps"] == [{"start_date": str(day(8)), "end_date": str(day(10))}]
    least = {one["date"]: one["min_nights"] for one in stays["arrivals"]}
    gaps = {(gap["start_date"], gap["end_date"]) for gap in stays["gaps"]}
    for first in range(20):
        for nights in range(1, 5):
            asked = str(day(first)), str(day(first + nights))
            fits = {str(day(first + n)) for n in range(nights)} <= free
            fits = fits and (nights >= least.get(asked[0], stays["min_nights"]) or asked in gaps)
            query = read_search({"check_in": asked[0], "check_out": asked[1]}, clock.now())
            assert fits == bool(search_homes(query, now=clock.now(), absolute=str)[0]), asked


def test_where_the_host_does_not_want_it(home):
    home.fill_gaps = False
    home.save()
    refresh_search([home.pk])
    assert answers(home, 8, 10) == (0, 400, 400, 400)
    assert APIClient().get(f"/api/property/{home.pk}/availability/").data["stays"]["gaps"] == []


def test_a_hold_makes_no_gap(home):
    make_entry(home, day(16), day(18), "hold", held_until=clock.now() + timedelta(hours=1))
    assert answers(home, 14, 16) == (0, 400, 400, 400)


def test_a_season_asks_for_more_nights_or_fewer(home):
    make_price_rule(home, day(30), day(40), "1500.00")
    PriceRule.objects.update(min_nights=5)
    refresh_search([home.pk])
    assert answers(home, 30, 34) == (0, 400, 400, 400)
    assert answers(home, 28, 32) == (1, 200, 200, 201)
    refusal = APIClient().get(f"/api/property/{home.pk}/quote/", {"start_date": str(day(33)), "end_date": str(day(35))})
    assert (refusal.data["code"], refusal.data["params"]) == ("dates.invalid", {"min_nights": 5})
    PriceRule.objects.update(min_nights=1)
    refresh_search([home.pk])
    assert answers(home, 38, 39) == (1, 200, 200, 201)


def test_step_4_keeps_and_answers_both(host):
    property_id = host.list_property()
    assert host.read(4, property_id).data["fill_gaps"] is True
    rules = [
        {"start_date": str(day(1)), "end_date": str(day(9)), "price": "1", "min_nights": "4"},
        {"start_date": str(day(1)), "end_date": str(day(9)), "price": "2", "min_nights": ""},
    ]
    saved = host.step(4, property_id, STEP4 | {"price_rules": rules, "fill_gaps": False}).data
    assert (saved["fill_gaps"], [rule["min_nights"] for rule in saved["price_rules"]]) == (False, [4, None])
    for wrong in (0, 366, "x"):
        refusal = host.step(4, property_id, STEP4 | {"price_rules": [rules[0] | {"min_nights": wrong}]})
        assert (refusal.status_code, refusal.data["code"]) == (400, "invalid")
    refusal = host.step(4, property_id, STEP4 | {"price_rules": rules, "max_nights": 3})
    assert "max_nights" in refusal.data["fields"]


def test_the_wizards_form_keeps_a_box_that_is_not_ticked(client, host):
    property_id = host.list_property()
    client.force_login(host.user)
    page = client.get(f"/hosting/{property_id}/step/4/").content.decode()
    assert 'name="fill_gaps" value="true" checked' in page
    sent = {"price": "1000", "fill_gaps": ["false"], "price_rules.0.min_nights": "2", "price_rules.0.price": "900",
            "price_rules.0.start_date": str(day(1)), "price_rules.0.end_date": str(day(3))}  # fmt: skip
    assert client.post(f"/hosting/{property_id}/step/4/", sent).status_code == 302
    saved = host.read(4, property_id).data
    assert (saved["fill_gaps"], saved["price_rules"][0]["min_nights"]) == (False, 2)
    client.post(f"/hosting/{property_id}/step/4/", {"price": "1000", "fill_gaps": ["false", "true"]})
    assert host.read(4, property_id).data["fill_gaps"] is True
