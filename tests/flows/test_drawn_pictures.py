"""No picture's address is null, through whichever door: what has no photo is drawn, as a raster picture under /media/."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.drawings import initials
from core.live.base_url import base_url
from negotiation.live.join_page import read_join_page
from properties.drawings import DISHES, HOMES
from properties.serializers.steps import TYPES
from properties.services.search import refresh_search
from tests.factories.accounts import make_token
from tests.factories.stays import make_host, make_meal, make_property
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def addresses(shown: Any) -> list[Any]:
    """Every value under a name of a picture, at any depth."""
    names = ("photo", "property_photo", "image_data", "thumbnail", "profile_pic", "profile_picture")
    if isinstance(shown, list):
        return [found for row in shown for found in addresses(row)]
    if not isinstance(shown, dict):
        return []
    here = [value for name, value in shown.items() if name in names]
    return here + [found for value in shown.values() for found in addresses(value)]


@pytest.fixture
def play() -> Play:
    made = Play(home=make_property(make_host(first_name="রহিম", last_name="Uddin"), property_type="Tower"))
    made.open()
    return made


def test_nothing_answers_null_for_a_picture(play: Play, client: Client) -> None:
    make_meal(play.home)
    refresh_search([play.home.pk])
    play.answer("host", "accept")
    booked = play.negotiation.booking_id
    host = {"Authorization": f"Token {make_token(play.host)[1]}"}
    seen = []
    for path in (
        "/api/properties/search/",
        f"/api/property/{play.home.pk}/",
        "/api/mylistings/",
        f"/api/booking_details/{booked}/",
        "/api/upcoming_bookings/as_host/",
        "/api/nego/as_host/",
        f"/api/nego/negotiation_details/{play.id}/",
        f"/auth/host_profile/{play.host.pk}/",
        f"/auth/guest_profile/{play.guest.pk}/",
        "/auth/user/",
    ):
        answer = client.get(path, headers=host)
        assert answer.status_code == 200, (path, answer.content)
        found = addresses(answer.json())
        assert found, path
        seen += found
    assert {address.partition("/media/drawn/")[0] for address in seen} == {"http://testserver"}
    for address in set(seen):
        picture = client.get(address.removeprefix("http://testserver"))
        assert picture["Content-Type"] == "image/png"
        assert Image.open(BytesIO(picture.content)).format == "PNG"
    assert f"http://testserver/media/drawn/person/RU-{play.host.pk % 8}.png" in seen
    assert "http://testserver/media/drawn/home/tower.png" in seen


def test_every_kind_of_home_and_meal_is_drawn(client: Client) -> None:
    assert {kind.lower() for kind in TYPES} == set(HOMES)
    for path in [*(f"home/{kind}" for kind in HOMES), *(f"dish/{kind}" for kind in DISHES), "person/A-7", "person/-0"]:
        answer = client.get(f"/media/drawn/{path}.png")
        assert answer.status_code == 200, path
        assert "max-age" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["home/mansion", "dish/tea", "person/ABC-1", "person/A-9", "people/A-1"])
def test_what_nothing_draws_is_not_there(client: Client, path: str) -> None:
    assert client.get(f"/media/drawn/{path}.png").status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "username", "letters"),
    [
        ("Rahim", "Uddin", "x", "RU"),
        ("রহিম", "উদ্দিন", "x", "RU"),
        ("Éva", "", "x", "E"),
        ("Олег", "Иванов", "x", "OI"),
        ("", "", "maya", "M"),
        ("李", "", "7li", ""),
        ("", "", "_", ""),
    ],
)
def test_initials_of_any_script(first: str, last: str, username: str, letters: str) -> None:
    assert initials(first, last, username) == letters


def test_a_drawn_address_that_comes_back_changes_nothing(play: Play, client: Client) -> None:
    headers = {"Authorization": f"Token {make_token(play.host)[1]}"}
    picture = client.get("/auth/user/", headers=headers).json()["profile_picture"]
    body = {"profile_picture": picture, "phone": "5"}
    answer = client.patch("/auth/user/", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["profile_picture"], answer.json()["phone"]) == (200, picture, "5")


@pytest.mark.parametrize(
    ("scheme", "host", "proxies", "forwarded", "base"),
    [
        ("ws", b"localhost:8000", 0, None, "http://localhost:8000"),
        ("wss", b"Stay.Example", 0, None, "https://stay.example"),
        ("ws", b"stay.example", 1, b"https", "https://stay.example"),
        ("ws", b"stay.example", 0, b"https", "http://stay.example"),
        ("ws", b"elsewhere.example", 0, None, "http://public.example"),
        ("ws", None, 0, None, "http://public.example"),
    ],
)
def test_the_address_that_a_client_came_by(
    settings: Any, scheme: str, host: bytes | None, proxies: int, forwarded: bytes | None, base: str
) -> None:
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["localhost", "stay.example"], "http://public.example"
    settings.TRUSTED_PROXIES = proxies
    headers = [(b"host", host)] if host is not None else []
    headers += [(b"x-forwarded-proto", forwarded)] if forwarded else []
    assert base_url({"scheme": scheme, "headers": headers}) == base


def test_the_socket_names_the_same_host_as_rest(play: Play) -> None:
    page = read_join_page(play.id, play.guest.pk, 0, play.now, "http://localhost:8000")
    assert page.snapshot["property"]["photo"] == "http://localhost:8000/media/drawn/home/tower.png"
