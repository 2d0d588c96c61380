"""The site's own files, and what pages and their limits say."""

import pytest
from django.test import Client

from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db


def test_robots_are_sent_to_homes_and_from_peoples_pages(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert "Disallow: /admin/" in answer.content.decode().splitlines()


def test_who_finds_a_hole_finds_whom_to_tell(client: Client, settings) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@stay.example"
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()
    assert lines[0] == "Contact: mailto:security@stay.example"
    assert lines[1].startswith("Expires: 20")


def test_a_browser_that_looks_for_an_icon_is_shown_it(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")


def test_pages_have_a_limit_of_their_own(client: Client, settings) -> None:
    settings.RATE_LIMIT_FACTOR = 0.1
    codes = [client.get("/login/").status_code for _ in range(80)]
    assert codes[0] == 200
    refused = client.get("/login/")
    assert (refused.status_code, refused["Content-Type"].partition(";")[0]) == (429, "text/html")
    assert int(refused["Retry-After"]) > 0
    assert client.get("/api/properties/search/").status_code == 200, "REST is counted apart"


def test_a_page_asks_a_browser_for_little(client: Client) -> None:
    assert "camera=()" in client.get("/login/")["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/api/properties/search/", "/"])
def test_three_thousand_parameters_get_a_sentence(client: Client, path: str) -> None:
    answer = client.get(path + "?" + "&".join(f"a{n}=1" for n in range(3000)))
    assert answer.status_code == 400
    assert "At most 2000 fields" in answer.content.decode()


def test_many_sign_ins_at_once_take_a_bounded_memory(settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashers.BoundedArgon2"]
    user = make_user("rahim")
    user.set_password("Correct-horse-7")
    assert user.password.startswith("argon2$")
    assert user.check_password("Correct-horse-7")
