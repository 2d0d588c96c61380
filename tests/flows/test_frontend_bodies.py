"""What the StayNest web frontend sends that is large, wrong or not its to say; test_frontend.py has its calls."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from core.server.request_bodies import MB
from tests.accounts.test_sign_up import data_url
from tests.flows.frontend import STEPS, Frontend, bid, day

pytestmark = pytest.mark.django_db


def heavy(url: str, size: int) -> str:
    """A picture of so many bytes, as a camera's with all its notes in it; no pixel more to decode."""
    kind, _, text = url.partition(",")
    data = base64.b64decode(text)
    note = b"\xff\xfe\xff\xff" + b"x" * 65_533
    return f"{kind},{base64.b64encode(data[:2] + note * (size // len(note)) + data[2:]).decode()}"


def test_photos_of_many_megabytes_come_as_data_urls(host: Frontend, home: int) -> None:
    url = heavy(data_url("JPEG"), 5 * MB)
    photos = [{"image_data": url, "description": "front"}, {"image_data": url, "description": "lake"}]
    host.call("put", f"{STEPS}/step2/{home}/", {"regular_amenities": [], "standout_amenities": [], "photos": photos})
    kept = host.call("get", f"/host/api/complete_registration/{home}/")["step2"]["photos"]
    assert [photo["description"] for photo in kept] == ["front", "lake"]
    profile = {"profile": {"profile_picture": url}}
    assert host.call("patch", "/auth/user/", profile)["profile_picture"].startswith("http://testserver/media/")
    host.call("post", "/auth/login/", {"username": "rahim", "password": "x", "photo": url}, expect=413)


def test_prices_and_people_in_a_body_are_not_the_frontends_to_say(guest: Frontend, home: int) -> None:
    opened = guest.call("post", "/guest/api/nego/start_negotiation_by_guest/", bid(home, price="2100"))
    me = guest.call("get", "/auth/user/")["id"]
    assert (opened["guest_id"], opened["guest_price"]) == (me, "2100.00")
    assert (opened["base_price"], opened["default_price"]) == ("1000.00", "3000.00")
    assert (opened["platform_fee"], opened["tax"]) == ("105.00", "210.00")
    wrong = {"guest_id": 999, "base_price": 1, "platform_fee": 0, "tax": 0, "total": 1, "number_of_guests": "2"}
    stay: dict[str, Any] = {
        "property_id": str(home),
        "start_date": day(20),
        "end_date": day(22),
        "booking_type": "stay",
    }
    quote = guest.call("post", "/guest/api/reserve/", wrong | stay, 201)["quote"]
    assert (quote["stay"], quote["platform_fee"], quote["tax"], quote["total"]) == (
        "2000.00",
        "100.00",
        "200.00",
        "2300.00",
    )


def test_every_page_asks_who_is_there_and_reads_lists(guest: Frontend, home: int) -> None:
    for _ in range(3):
        assert guest.call("get", "/auth/user/")["username"] == "mina"
    assert guest.call("get", f"/guest/api/review/{home}/") == []
    assert isinstance(guest.call("get", f"/guest/api/property_registration/step5/{home}/")["breakfast"], list)
