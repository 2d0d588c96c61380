import math
from datetime import timedelta
from decimal import Decimal

import pytest

import properties.services.view_counts as view_counts
from core import clock
from properties.models import DayViews, Property
from properties.services.view_counts import store_views
from tests.factories.accounts import client_of
from tests.factories.properties import make_entry, make_meal, make_price_rule, make_property, make_user, make_window
from tests.properties.conftest import Host

pytestmark = pytest.mark.django_db
TODAY = (clock.now() + timedelta(hours=6)).date()  # in Dhaka


def day(n):
    return TODAY + timedelta(n)


def span(first, last):
    return {"start_date": day(first).isoformat(), "end_date": day(last).isoformat()}


def test_the_page_of_a_listed_property(host, api):
    property_id = host.list_property()
    page = api.get(f"/api/property/{property_id}/").data
    assert page["name"] == "Lake House"
    assert page["location"] == "Gulshan, Dhaka"
    assert page["regular_amenities"] == ["Wifi", "Kitchen"]
    assert page["photos"][0]["image_data"].startswith("http://testserver/")
    assert page["booking_options"] == ["stay", "stay_with_meal"]
    assert (page["stay"], page["paying_guest"], page["rating"], page["reviews"]) == (True, False, None, [])
    assert page["availability"] is None
    assert page["price"] == "1000.00"
    assert page["host"] == {"host_id": host.user.pk, "name": host.user.name, "super_host": False}
    assert "address" not in page
    assert "auto_accept" not in str(page)


def test_the_pin_is_blurred_stable_and_the_address_is_the_hosts(host, api):
    property_id = host.list_property()
    page = api.get(f"/api/property/{property_id}/").data
    north = (page["latitude"] - 23.780887) * 111_320
    east = (page["longitude"] - 90.279237) * 111_320 * math.cos(math.radians(23.78))
    assert 95 < math.hypot(north, east) < 165
    assert "Nirala" not in str(page)
    host.step(7, property_id, {})
    assert api.get(f"/api/property/{property_id}/").data["latitude"] == page["latitude"]
    own = host.api.get(f"/api/property/{property_id}/").data["address"]
    assert (own["latitude"], own["house_name"]) == (23.780887, "Nirala")


@pytest.mark.parametrize(("status", "code"), [("draft", "not_found"), ("unlisted", "property.not_listed")])
@pytest.mark.parametrize("path", ["", "availability/", "quote/"])
def test_what_is_not_listed_only_its_host_sees(api, status, code, path):
    row = make_property(status=status)
    address, query = f"/api/property/{row.pk}/{path}", span(3, 4)
    refusal = api.get(address, query)
    assert (refusal.status_code, refusal.data["code"]) == (404, code)
    assert Host(row.host).api.get(address, query).status_code == 200
    assert api.get("/api/property/0/").data["code"] == "not_found"


def test_windows_and_stays_make_the_availability(api):
    row = make_property()
    make_window(row, day(-5), day(4))
    make_window(row, day(8), day(12))
    make_entry(row, day(2), day(3))
    make_entry(row, day(9), day(10), "hold", held_until=clock.now() - timedelta(1))
    make_price_rule(row, day(8), day(9), "1500.00")
    asked = {"from": day(-2).isoformat(), "to": day(10).isoformat()}
    shown = api.get(f"/api/property/{row.pk}/availability/", asked).data
    assert shown["windows"] == [span(-2, 4), span(8, 10)]
    assert shown["taken"] == [span(2, 3)]
    assert shown["currency"] == "BDT"
    assert [(night["date"], night["price"]) for night in shown["nights"]] == [
        (day(0).isoformat(), "1000.00"), (day(1).isoformat(), "1000.00"), (day(3).isoformat(), "1000.00"),
        (day(8).isoformat(), "1500.00"), (day(9).isoformat(), "1000.00"),
    ]  # fmt: skip
    page = api.get(f"/api/property/{row.pk}/").data
    assert page["availability"] == [span(0, 2), span(3, 4), span(8, 12)]


@pytest.mark.parametrize(
    ("first", "last", "field", "code"),
    [(0, 401, "to", "dates.invalid"), (5, 5, "to", "dates.invalid"), (5, 4, "to", "dates.invalid")],
)
def test_availability_of_nonsense(api, first, last, field, code):
    row = make_property()
    asked = {"from": day(first).isoformat(), "to": day(last).isoformat()}
    refusal = api.get(f"/api/property/{row.pk}/availability/", asked)
    assert (refusal.status_code, refusal.data["code"]) == (400, code)
    assert field in refusal.data["fields"]
    assert api.get(f"/api/property/{row.pk}/availability/", {"from": "9999-12-31"}).status_code == 400


def test_the_quote_names_every_discount(api):
    row = make_property(weekly_percent=Decimal(10), early_booking_percent=Decimal("5.5"), cleaning_fee=Decimal(500))
    asked = span(40, 47) | {"number_of_guests": "2", "booking_type": "stay"}
    assert api.get(f"/api/property/{row.pk}/quote/", asked).data == {
        "currency": "BDT", "nights": 7, "stay": "5953.50", "meals": "0.00", "cleaning": "500.00",
        "platform_fee": "322.68", "tax": "645.35", "total": "7421.53", "booking_type": "stay", "base": "7000.00",
        "discounts": [
            {"name": "weekly", "percent": "10", "amount": "700.00"},
            {"name": "early_booking", "percent": "5.5", "amount": "346.50"},
        ],
        "available": True,
    }  # fmt: skip
    make_entry(row, day(41), day(42))
    assert api.get(f"/api/property/{row.pk}/quote/", asked).data["available"] is False


def test_a_quote_with_meals(api):
    row = make_property(stay_with_meal=True)
    dish = make_meal(row)
    orders = f'[{{"id": {dish.pk}, "quantity": "2", "date": "{day(99)}"}}]'
    asked = span(3, 5) | {"number_of_guests": 2, "booking_type": "stay_with_meals", "breakfast": orders}
    assert api.get(f"/api/property/{row.pk}/quote/", asked).data["meals"] == "300.00"
    refusal = api.get(f"/api/property/{row.pk}/quote/", asked | {"lunch": orders})
    assert (refusal.data["code"], "lunch" in refusal.data["fields"]) == ("invalid", True)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (span(3, 3), "dates.invalid", "end_date"),
        (span(-1, 3), "dates.invalid", "start_date"),
        (span(3, 4000), "dates.invalid", "end_date"),
        ({"end_date": ""}, "invalid", "end_date"),
        ({"start_date": "32.13.2026"}, "invalid", "start_date"),
        ({"number_of_guests": 5}, "stay.too_many_guests", "number_of_guests"),
        ({"number_of_guests": 0}, "invalid", "number_of_guests"),
        ({"booking_type": "camping"}, "invalid", "booking_type"),
        ({"booking_type": "paying_guest"}, "invalid", "booking_type"),
        ({"breakfast": "["}, "invalid", "breakfast"),
        ({"breakfast": '{"id": 1}'}, "invalid", "breakfast"),
        ({"breakfast": "[" * 5000}, "invalid", "breakfast"),
        ({"breakfast": '[{"id": 1, "quantity": -1}]'}, "invalid", "breakfast"),
    ],
)
def test_a_quote_that_cannot_be(api, change, code, field):
    row = make_property()
    refusal = api.get(f"/api/property/{row.pk}/quote/", span(3, 6) | {"number_of_guests": 2} | change)
    assert (refusal.status_code, refusal.data["code"]) == (400, code)
    assert any(name.startswith(field) for name in refusal.data["fields"])


def test_views_are_counted_without_a_write_and_carried_over(host, api, django_capture_on_commit_callbacks):
    property_id = host.list_property()
    stranger = client_of(make_user())
    for client in (api, api, stranger, host.api):
        client.get(f"/api/property/{property_id}/")
    assert not DayViews.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert store_views(clock.now()) == 1
    assert DayViews.objects.get(property_id=property_id).count == 3
    api.get(f"/api/property/{property_id}/")
    with django_capture_on_commit_callbacks(execute=True):
        store_views(clock.now())
    assert DayViews.objects.get(property_id=property_id).count == 4
    assert store_views(clock.now()) == 0


def test_views_of_what_is_gone_are_dropped(api):
    row = make_property()
    api.get(f"/api/property/{row.pk}/")
    Property.objects.filter(pk=row.pk).delete()
    store_views(clock.now())
    assert not DayViews.objects.exists()


def test_a_page_costs_few_queries_and_none_of_them_writes(api, django_assert_max_num_queries):
    row = make_property()
    api.get(f"/api/property/{row.pk}/")
    with django_assert_max_num_queries(9) as queries:
        assert api.get(f"/api/property/{row.pk}/").status_code == 200
    assert not [
        query for query in queries.captured_queries if not query["sql"].lstrip().startswith(("SELECT", "EXECUTE read_"))
    ]


def test_views_survive_a_broker_that_is_down(api, settings, monkeypatch):
    row = make_property()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(view_counts, "_counts", view_counts.ViewCounts())
    assert api.get(f"/api/property/{row.pk}/").status_code == 200
    store_views(clock.now())
    assert DayViews.objects.get(property=row).count == 1
