"""New accounts through the REST door."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import OutgoingMail, User
from core.api import rate_limits
from tests.factories.accounts import PASSWORD, api_of, make_token, make_user

pytestmark = pytest.mark.django_db
BODY = {"username": "rahim", "email": "rahim@example.com", "password": PASSWORD}


def data_url(kind: str = "PNG", size: tuple[int, int] = (800, 400)) -> str:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(out.getvalue()).decode()}"


def test_a_guest_signs_up_and_is_signed_in(api: APIClient) -> None:
    profile = {"phone": "+880 1711 000000", "address": "Road 11, Dhaka"}
    body = BODY | {"first_name": "Rahim", "last_name": "Uddin", "profile": profile, "is_host": True, "is_staff": True}
    answer = api.post("/auth/signup/", body)
    assert answer.status_code == 201
    assert set(answer.data) == {"token", "expiry", "user"}
    assert answer.data["expiry"].endswith("Z")
    user = User.objects.get()
    assert answer.data["user"] == {
        "id": user.pk,
        "username": "rahim",
        "email": "rahim@example.com",
        "first_name": "Rahim",
        "last_name": "Uddin",
        "is_host": False,
        "superhost": False,
        "verified": False,
        "phone": "+880 1711 000000",
        "address": "Road 11, Dhaka",
        "profile_picture": f"http://testserver/media/drawn/person/RU-{user.pk % 8}.png",
        "unread": 0,
    }
    assert not user.is_staff
    api.credentials(HTTP_AUTHORIZATION=f"Token {answer.data['token']}")
    assert api.get("/auth/user/").data == answer.data["user"]


def test_a_host_signs_up(api: APIClient) -> None:
    answer = api.post("/auth/hostsignup/", BODY)
    assert answer.status_code == 201
    assert answer.data["user"]["is_host"] is True


def test_a_signed_in_guest_becomes_a_host_with_the_same_token(api: APIClient) -> None:
    _, key = make_token(make_user("mina"))
    api.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    for _ in range(2):
        answer = api.post("/auth/hostsignup/")
        assert (answer.status_code, answer.data["token"], answer.data["user"]["is_host"]) == (200, key, True)


def test_a_browser_that_becomes_a_host_gets_a_token_of_its_own(api: APIClient) -> None:
    api.force_login(make_user("mina"))
    answer = api.post("/auth/hostsignup/")
    assert answer.status_code == 200
    assert APIClient(HTTP_AUTHORIZATION=f"Token {answer.data['token']}").get("/auth/user/").status_code == 200


def test_becoming_a_host_needs_somebody_who_asks(api: APIClient) -> None:
    assert api.post("/auth/hostsignup/").status_code == 400


@pytest.mark.parametrize("header", ["Token nonsense", "Token", "Token " + "0" * 64, "Bearer x", "\x00"])
def test_a_bad_token_is_ignored(api: APIClient, header: str) -> None:
    assert api.post("/auth/signup/", BODY, HTTP_AUTHORIZATION=header).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a@b"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "a\0b"}, "username"),
        ({"username": "a\udc80b"}, "username"),
        ({"username": ["rahim"]}, "username"),
        ({"username": {"a": 1}}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"email": None}, "email"),
        ({"email": "x" * 300 + "@example.com"}, "email"),
        ({"password": "12345678"}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "rahim@example.com"}, "password"),
        ({"password": "x" * 5000}, "password"),
        ({"password": 5}, "password"),
        ({"profile": "nonsense"}, "profile"),
        ({"profile": {"phone": "1" * 33}}, "profile.phone"),
        ({"profile": {"profile_picture": "nonsense"}}, "profile_picture"),
        ({"profile": {"profile_picture": "https://example.com/a.png"}}, "profile_picture"),
        ({"profile": {"profile_picture": "data:image/svg+xml;base64,PHN2Zy8+"}}, "profile_picture"),
        ({"profile": {"profile_picture": data_url()[:200]}}, "profile_picture"),
    ],
)
def test_what_is_not_good_enough_is_named(api: APIClient, change: dict[str, Any], field: str) -> None:
    answer = api.post("/auth/signup/", json.dumps(BODY | change), content_type="application/json")
    assert (answer.status_code, answer.data["code"], list(answer.data["fields"])) == (400, "invalid", [field])
    assert not User.objects.exists()


@pytest.mark.parametrize("body", ["[]", "5", '"x"', "null", "", "{}"])
def test_no_account_comes_of_a_body_without_one(api: APIClient, body: str) -> None:
    answer = api.post("/auth/signup/", body, content_type="application/json")
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")


@pytest.mark.parametrize("body", ["{", "\udc80", "{}}"])
def test_a_body_that_cannot_be_read_is_malformed(api: APIClient, body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    answer = api.generic("POST", "/auth/signup/", raw, content_type="application/json")
    assert (answer.status_code, answer.data["code"]) == (400, "command.malformed")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"username": "RAHIM", "email": "other@example.com"}, {"username"}),
        ({"username": "other", "email": "RAHIM@Example.com"}, {"email"}),
        ({"username": "Rahim", "email": "rahim@EXAMPLE.com"}, {"username", "email"}),
        ({"username": "ｒａｈｉｍ", "email": "other@example.com"}, {"username"}),
    ],
)
def test_names_and_addresses_are_taken_whatever_their_case(
    api: APIClient, change: dict[str, Any], fields: set[str]
) -> None:
    api.post("/auth/signup/", BODY)
    answer = api.post("/auth/signup/", BODY | change)
    assert (answer.status_code, set(answer.data["fields"])) == (400, fields)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "field"),
    [(lambda n: {"email": f"{n}@example.com"}, "username"), (lambda n: {"username": f"user{n}"}, "email")],
)
def test_of_many_who_take_one_name_at_once_one_gets_it(change: Any, field: str) -> None:
    def attempt(number: int) -> tuple[int, list[str]]:
        try:
            answer = APIClient().post("/auth/signup/", BODY | change(number))
            return answer.status_code, list(answer.data.get("fields", {}))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(attempt, range(6)))
    assert answers == [(201, [])] + [(400, [field])] * 5
    assert User.objects.count() == 1


def test_a_picture_is_cut_down_and_kept_as_a_file(api: APIClient) -> None:
    answer = api.post("/auth/signup/", BODY | {"profile": {"profile_picture": data_url()}})
    url = answer.data["user"]["profile_picture"]
    assert url.startswith("http://testserver/media/profiles/")
    with Image.open(settings.MEDIA_ROOT / url.partition("/media/")[2]) as image:
        assert (image.format, image.size) == ("JPEG", (512, 256))


def test_a_refused_sign_up_leaves_no_file(api: APIClient) -> None:
    make_user("rahim")
    folder = settings.MEDIA_ROOT / "profiles"
    before = set(folder.glob("*"))
    assert api.post("/auth/signup/", BODY | {"profile": {"profile_picture": data_url()}}).status_code == 400
    assert set(folder.glob("*")) == before


def test_the_password_is_kept_hashed_and_the_address_is_to_be_confirmed(api: APIClient) -> None:
    api.post("/auth/signup/", BODY)
    user = User.objects.get()
    assert PASSWORD not in user.password
    assert user.check_password(PASSWORD)
    assert user.email_confirmed_at is None
    assert OutgoingMail.objects.get().kind == "confirm_email"


def test_twenty_an_hour_an_address(api: APIClient) -> None:
    for number in range(20):
        name = f"user{number}"
        assert api.post("/auth/signup/", BODY | {"username": name, "email": f"{name}@x.com"}).status_code == 201
        assert api.post("/auth/signup/", BODY | {"username": name, "email": f"{name}@x.com"}).status_code == 400
        rate_limits._buckets.clear()
    answer = api.post("/auth/signup/", BODY)
    assert (answer.status_code, answer.data["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert api.post("/auth/signup/", BODY, REMOTE_ADDR="192.0.2.7").status_code == 201


def test_a_token_is_not_needed_to_be_good_for_a_host_to_sign_up(api: APIClient) -> None:
    stranger = api_of(make_user())
    assert stranger.post("/auth/hostsignup/", BODY).status_code == 201


def test_the_page_asks_for_a_name_and_holds_it_to_the_rules_of_names() -> None:
    body = {"username": "rahim", "email": "rahim@example.org", "password": PASSWORD}
    browser = Client()
    page = browser.get("/signup/").content.decode()
    assert page.index("First name") < page.index("User name")
    refused = browser.post("/signup/", body | {"first_name": "www.evil.example"})
    assert b"addresses and links are not names" in refused.content
    assert browser.post("/signup/", body | {"first_name": "Rahim", "last_name": "Uddin"}).status_code == 302
    assert User.objects.get(username="rahim").name == "Rahim Uddin"
    # The contract's three fields are enough.
    assert Client().post("/signup/", body | {"username": "mina", "email": "mina@example.org"}).status_code == 302
    assert User.objects.get(username="mina").name == "mina"
