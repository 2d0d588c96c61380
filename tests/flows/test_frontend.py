"""What the StayNest web frontend does, call by call: its paths, its bodies with all their oddities, its expectations.

It wants exact statuses and bare arrays. docs/frontend.md tells the same in prose.
"""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.flows.frontend import STEPS, Frontend, bid, day, list_home

pytestmark = pytest.mark.django_db


def test_the_token_header_comes_with_every_call_also_without_a_token() -> None:
    frontend = Frontend()
    assert frontend.sign_up("rahim")["username"] == "rahim"
    assert frontend.call("get", "/auth/user/")["profile_picture"].startswith("http://testserver/media/")
    frontend.call("post", "/auth/logout/", expect=204)
    frontend.call("get", "/auth/user/", expect=401)
    frontend.call("post", "/auth/logout/", expect=204)
    frontend.call("get", "/api/properties/search/")


def test_the_wizard_lists_a_home(host: Frontend) -> None:
    host.call("get", f"{STEPS}/step2/null/", expect=404)
    home = list_home(host)
    host.call("get", f"{STEPS}/step2/undefined/", expect=404)
    whole = host.call("get", f"/host/api/complete_registration/{home}/")
    photos = whole["step2"]["photos"]
    assert len(photos) == 2
    assert all(photo["image_data"].startswith("http://testserver/media/") for photo in photos)
    assert whole["step5"]["breakfast"][0]["name"] == "Paratha"
    (mine,) = host.call("get", "/host/api/mylistings/")
    assert (mine["property_id"], mine["status"], mine["name"]) == (home, "listed", "Lake House")


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        {"location": "any", "guests": "", "check_in": None},
        {"category": "stay_with_meals", "guests": "2"},
        {"location": "gulshan", "check_in": day(0), "check_out": day(2), "guests": "2"},
        {"price_range": {"min": "500", "max": "1500"}, "property_type": "any", "amenities": []},
    ],
)
def test_the_search_takes_what_it_is_called_with(guest: Frontend, home: int, body: Any) -> None:
    found = guest.call("put", "/guest/api/properties/search/", body)
    assert [one["property_id"] for one in found["results"]] == [home]


def test_a_haggle_to_an_accept_and_its_booking(host: Frontend, guest: Frontend, home: int) -> None:
    opened = guest.call("post", "/guest/api/nego/start_negotiation_by_guest/", bid(home))
    nego = f"{opened['id']}/"
    assert (opened["negotiation_status"], opened["guest"]["name"]) == ("Guest Proposed", "mina")
    asked = host.call("put", f"/host/api/nego/host_proposed/{nego}", {"host_price": "2800", "platform_fee": "1"})
    assert (asked["negotiation_status"], asked["host_price"]) == ("Host Proposed", "2800.00")
    again = guest.call("put", f"/guest/api/nego/guest_proposed/{nego}", {"guest_price": 2400})
    assert again["guest_price"] == "2400.00"
    agreed = host.call("put", f"/host/api/nego/update_status/{nego}", {"negotiation_status": "Accepted By Host"})
    assert agreed["negotiation_status"] == "Host Payment"
    echo = bid(home) | {"id": opened["id"], "negotiation_status": "Accepted By Host"}
    reserved = guest.call("post", "/guest/api/reserve/", echo, 201)
    details = guest.call("get", f"/guest/api/booking_details/{reserved['reservation_id']}/")
    assert (details["base_price"], details["negotiation"], details["status"]) == ("2400.00", opened["id"], "confirmed")
    paid = guest.call(
        "post", f"/guest/api/booking/{details['id']}/payment/", {"method": "card", "token": "tok_ok"}, 201
    )
    assert paid["status"] == "succeeded"
    (mine,) = guest.call("get", "/guest/api/nego/negotiations/as_guest/")
    assert mine["negotiation_status"] == "Accepted By Host"
    repeated = {"negotiation_status": "Guest Payment"}
    assert guest.call("put", f"/guest/api/nego/update_status/{nego}", repeated)["status"] == "accepted"


def test_a_haggle_that_comes_to_nothing(host: Frontend, guest: Frontend, home: int) -> None:
    opened = guest.call("post", "/guest/api/nego/start_negotiation_by_guest/", bid(home))
    answer = {"negotiation_status": "Rejected By Host"}
    declined = host.call("put", f"/host/api/nego/update_status/{opened['id']}/", answer)
    assert declined["negotiation_status"] == "Rejected By Host"


def test_a_stay_is_reserved_at_its_price(host: Frontend, guest: Frontend, home: int) -> None:
    body = {key: value for key, value in bid(home).items() if key != "guest_price"}
    reserved = guest.call("post", "/guest/api/reserve/", body | {"total": 1}, 201)
    assert reserved["quote"]["stay"] == "3000.00"
    details = guest.call("get", f"/guest/api/reservation/{reserved['reservation_id']}/")
    assert (details["guest_id"], details["breakfast"]) == (guest.call("get", "/auth/user/")["id"], [])
    status = {"status": "approved"}
    approved = host.call("put", f"/host/api/booking/{reserved['reservation_id']}/status/", status)
    assert approved["status"] == "confirmed"
    (upcoming,) = guest.call("get", "/guest/api/upcoming_bookings/as_guest/")
    assert (upcoming["check_in"], upcoming["check_out"]) == (day(0), day(3))


def test_a_stay_with_meals_is_reserved_with_only_some_of_the_meal_keys(guest: Frontend, home: int) -> None:
    (menu,) = guest.call("get", f"/guest/api/property_registration/step5/{home}/")["breakfast"]
    meals = {"breakfast": [{"id": menu["id"], "quantity": "2", "date": day(1)}], "lunch": None}
    body = bid(home, first=10) | {"booking_type": "stay_with_meal"} | meals
    reserved = guest.call("post", "/guest/api/reserve/", body, 201)
    details = guest.call("get", f"/guest/api/reservation/{reserved['reservation_id']}/")
    assert [(m["meal_name"], m["quantity"], m["price"]) for m in details["breakfast"]] == [("Paratha", 2, "120.00")]


@pytest.mark.parametrize(
    "path",
    [
        "/guest/api/nego/as_guest/",
        "/host/api/nego/as_host/",
        "/guest/api/nego/negotiations/as_guest/",
        "/host/api/nego/negotiations/as_host/",
        "/guest/api/upcoming_bookings/as_guest/",
        "/host/api/upcoming_bookings/as_host/",
        "/host/api/mylistings/",
        "/guest/api/notification/",
        "/auth/documents/",
        "/auth/sessions/",
    ],
)
def test_lists_are_bare_arrays_and_never_refused(guest: Frontend, path: str) -> None:
    assert isinstance(guest.call("get", path), list)


def test_profiles_are_there_for_the_pages_that_show_them(host: Frontend, guest: Frontend, home: int) -> None:
    opened = guest.call("post", "/guest/api/nego/start_negotiation_by_guest/", bid(home))
    shown = guest.call("get", f"/auth/host_profile/{opened['host_id']}/")
    assert (shown["name"], len(shown["listings"])) == ("rahim", 1)
    assert host.call("get", f"/auth/guest_profile/{opened['guest_id']}/")["name"] == "mina"


@pytest.mark.parametrize("origin", ["http://localhost:8081", "http://localhost:3000", "http://127.0.0.1:8081"])
def test_its_origin_may_call_and_read_the_headers_it_needs(settings: Any, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = list(settings.LOCAL_ORIGINS)
    api = APIClient()
    asked = {
        "HTTP_ORIGIN": origin,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,content-type,idempotency-key",
    }
    preflight = api.options("/guest/api/reserve/", **asked)
    assert preflight["Access-Control-Allow-Origin"] == origin
    allowed = preflight["Access-Control-Allow-Headers"]
    assert all(name in allowed for name in ("authorization", "content-type", "idempotency-key"))
    answer = api.get("/api/properties/search/", HTTP_ORIGIN=origin)
    assert answer["Access-Control-Expose-Headers"].lower().count("link") == 1
    assert api.options("/guest/api/reserve/", **asked | {"HTTP_ORIGIN": "http://evil.example"}).get(
        "Access-Control-Allow-Origin"
    ) is None  # fmt: skip
