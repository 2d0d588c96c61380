"""Signing in and out over REST, and what is signed in."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from accounts.authentication import authenticate_token
from accounts.models import AuthToken, Session, User
from accounts.pages.sign_in_targets import next_of
from accounts.services import log_in as log_in_service
from core import clock
from core.api import rate_limits
from tests.factories.accounts import PASSWORD, api_of, make_session, make_token, make_user

pytestmark = pytest.mark.django_db
WRONG = {"username": "rahim", "password": "wrong"}
RIGHT = {"username": "rahim", "password": PASSWORD}


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD)


@pytest.mark.parametrize("name", ["rahim", "RAHIM", "rahim@example.com", "Rahim@Example.com", " rahim "])
def test_by_user_name_or_address_whatever_its_case(api: APIClient, rahim: User, name: str) -> None:
    answer = api.post("/auth/login/", {"username": name, "password": PASSWORD}, HTTP_USER_AGENT="Firefox")
    assert answer.status_code == 200
    assert set(answer.data) == {"token", "expiry", "user"}
    assert answer.data["user"]["id"] == rahim.pk
    token = authenticate_token(answer.data["token"], clock.now())
    assert token
    assert token[1].user_agent == "Firefox"


def test_a_session_cookie_or_a_bad_token_is_of_no_account(rahim: User) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(make_user())
    answer = api.post("/auth/login/", RIGHT, HTTP_AUTHORIZATION="Token nonsense")
    assert (answer.status_code, answer.data["user"]["username"]) == (200, "rahim")


@pytest.mark.parametrize(
    "body",
    [
        WRONG,
        {"username": "nobody", "password": PASSWORD},
        {"username": "nobody@example.com", "password": PASSWORD},
        {"username": "closed", "password": PASSWORD},
        {"username": "unusable", "password": "!"},
        {"username": "rahim", "password": PASSWORD + " "},
    ],
)
def test_wrong_is_wrong_in_one_way(
    api: APIClient, rahim: User, body: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("closed", password=PASSWORD, is_active=False)
    User.objects.filter(pk=make_user("unusable").pk).update(password="!")
    hashed = count_hashes(monkeypatch)
    answer = api.post("/auth/login/", body)
    assert answer.status_code == 400
    assert answer.data == {
        "code": "auth.bad_credentials",
        "message": "The user name or the password is wrong.",
        "params": {},
        "fields": {},
    }
    assert len(hashed) == 1, "an unknown user costs as much as a wrong password"


def count_hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that is computed from now on."""
    done: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


@pytest.mark.parametrize("body", [{}, {"username": "rahim"}, {"password": PASSWORD}, {"username": "", "password": ""}])
def test_what_is_missing_is_named(api: APIClient, body: dict[str, str]) -> None:
    answer = api.post("/auth/login/", body)
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")


@pytest.mark.parametrize("value", ["\0", "\ud800", 5, True, [], {}, "x" * 10_000, None])
@pytest.mark.parametrize("field", ["username", "password"])
def test_no_body_breaks_the_door(api: APIClient, rahim: User, field: str, value: Any) -> None:
    body = json.dumps(RIGHT | {field: value})
    assert api.post("/auth/login/", body, content_type="application/json").status_code == 400


def test_ten_failures_shut_an_account_for_that_address_only(api: APIClient, rahim: User) -> None:
    for _ in range(10):
        assert api.post("/auth/login/", WRONG).status_code == 400
    answer = api.post("/auth/login/", RIGHT)
    assert (answer.status_code, answer.data["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 900
    assert answer.data["params"]["retry_after"] <= 900
    assert api.post("/auth/login/", RIGHT | {"username": "rahim@example.com"}).status_code == 429
    assert api.post("/auth/login/", RIGHT, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_unknown_name_is_shut_as_a_known_one_is(api: APIClient) -> None:
    answers = [api.post("/auth/login/", {"username": "Nobody", "password": "x"}).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]


def test_fifty_failures_shut_an_address(api: APIClient) -> None:
    for number in range(50):
        rate_limits._buckets.clear()
        assert api.post("/auth/login/", {"username": f"name{number}", "password": "x"}).status_code == 400
    assert api.post("/auth/login/", {"username": "another", "password": "x"}).status_code == 429


def test_a_hundred_failures_shut_an_account_for_all(api: APIClient, rahim: User) -> None:
    for number in range(100):
        assert api.post("/auth/login/", WRONG, REMOTE_ADDR=f"192.0.2.{number}").status_code == 400
    assert api.post("/auth/login/", RIGHT, REMOTE_ADDR="198.51.100.1").status_code == 429


def test_signing_in_counts_no_failure(api: APIClient, rahim: User) -> None:
    for _ in range(25):
        assert api.post("/auth/login/", RIGHT).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_get_no_further_than_one_by_one(rahim: User) -> None:
    def guess(_: int) -> int:
        try:
            return int(APIClient().post("/auth/login/", WRONG).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(guess, range(24)))
    assert answers == [400] * 10 + [429] * 14


@pytest.mark.django_db(transaction=True)
def test_a_password_changed_while_signing_in_ends_that_too(rahim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old password was right when it was read, and is not when the token would be made."""
    verify = log_in_service.is_password_of

    def slowly(user: User | None, password: str) -> bool:
        right = verify(user, password)
        other = User.objects.get(pk=rahim.pk)
        other.set_password("another-password-1")
        other.save()
        return right

    monkeypatch.setattr(log_in_service, "is_password_of", slowly)
    assert APIClient().post("/auth/login/", RIGHT).data["code"] == "auth.bad_credentials"
    assert not AuthToken.objects.exists()


def test_an_old_hash_is_renewed_without_signing_anybody_out(api: APIClient, rahim: User, settings: Any) -> None:
    _, key = make_token(rahim)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert api.post("/auth/login/", RIGHT).status_code == 200
    rahim.refresh_from_db()
    assert rahim.password.startswith("pbkdf2_sha256$")
    assert authenticate_token(key, clock.now())


def test_logging_out_ends_this_token(rahim: User) -> None:
    one, other = api_of(rahim), api_of(rahim)
    assert one.post("/auth/logout/").status_code == 204
    assert one.get("/auth/user/").status_code == 401
    assert other.get("/auth/user/").status_code == 200


def test_logging_out_everywhere_ends_every_sign_in(rahim: User) -> None:
    one, other, browser = api_of(rahim), api_of(rahim), make_session(rahim)
    assert one.post("/auth/logoutall/").status_code == 204
    assert other.get("/auth/user/").status_code == 401
    assert not Session.objects.filter(pk=browser).exists()


@pytest.mark.parametrize("path", ["/auth/logout/", "/auth/logoutall/"])
@pytest.mark.parametrize("header", [{}, {"HTTP_AUTHORIZATION": "Token nonsense"}])
def test_logging_out_without_being_in_is_fine(api: APIClient, path: str, header: dict[str, str]) -> None:
    assert api.post(path, **header).status_code == 204


@pytest.mark.parametrize("path", ["/auth/logout/", "/auth/logoutall/"])
def test_a_browser_logs_out_by_its_cookie(api: APIClient, rahim: User, path: str) -> None:
    api.force_login(rahim)
    assert api.post(path).status_code == 204
    assert api.get("/auth/user/").status_code == 401
    assert not Session.objects.filter(user=rahim).exists()


def test_a_cookie_needs_the_csrf_token(rahim: User) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(rahim)
    assert api.get("/auth/user/").status_code == 200
    answer = api.post("/auth/ws-ticket/")
    assert (answer.status_code, answer.data["code"]) == (403, "not_allowed")
    assert api.post("/auth/logout/").status_code == 403


def test_the_token_wins_over_the_cookie(rahim: User) -> None:
    api = api_of(make_user("mina"))
    api.force_login(rahim)
    api.credentials(HTTP_AUTHORIZATION=f"Token {make_token(User.objects.get(username='mina'))[1]}")
    assert api.get("/auth/user/").data["username"] == "mina"
    api.credentials(HTTP_AUTHORIZATION="Token nonsense")
    assert api.get("/auth/user/").status_code == 401


def test_without_credentials_the_answer_says_so(api: APIClient) -> None:
    answer = api.get("/auth/user/")
    assert (answer.status_code, answer.data["code"], answer["WWW-Authenticate"]) == (401, "auth.required", "Token")


def test_the_account_sees_where_it_is_signed_in(rahim: User) -> None:
    make_token(make_user())
    token, key = make_token(rahim)
    browser = Client(HTTP_USER_AGENT="Chrome")
    browser.force_login(rahim)
    api = APIClient(HTTP_AUTHORIZATION=f"Token {key}")
    rows = api.get("/auth/sessions/").data
    assert [(row["kind"], row["current"]) for row in rows] == [("token", True), ("browser", False)]
    assert (rows[0]["id"], rows[0]["user_agent"]) == (token.pk, "pytest")
    assert rows[0]["created"].endswith("Z")
    assert str(browser.session.session_key) not in str(rows)


def test_a_sign_in_can_be_ended_one_by_one(rahim: User) -> None:
    api, other = api_of(rahim), api_of(rahim)
    make_session(rahim)
    for row in api.get("/auth/sessions/").data:
        if not row["current"]:
            assert api.delete(f"/auth/sessions/{row['id']}/").status_code == 204
            assert api.delete(f"/auth/sessions/{row['id']}/").status_code == 404
    assert other.get("/auth/user/").status_code == 401
    assert [row["current"] for row in api.get("/auth/sessions/").data] == [True]


def test_somebody_elses_sign_in_is_not_there(rahim: User) -> None:
    token, _ = make_token(make_user())
    make_session(make_user())
    api = api_of(rahim)
    for name in (str(token.pk), "0", "9" * 30, "nonsense", "browser-", "browser-" + "0" * 20, "null"):
        assert api.delete(f"/auth/sessions/{name}/").status_code == 404
    assert AuthToken.objects.filter(pk=token.pk).exists()


def test_a_ticket_is_drawn(rahim: User) -> None:
    answer = api_of(rahim).post("/auth/ws-ticket/")
    assert (answer.status_code, set(answer.data), answer.data["expires_in"]) == (200, {"ticket", "expires_in"}, 30)


@pytest.fixture
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "monotonic", lambda: 1000.0)


@pytest.mark.usefixtures("_time_stands_still")
def test_sixty_requests_at_once_a_user(rahim: User) -> None:
    api = api_of(rahim)
    answers = [api.get("/auth/user/") for _ in range(61)]
    assert {a.status_code for a in answers[:60]} == {200}
    last = answers[-1]
    assert (last.status_code, last.data["code"], last["Retry-After"]) == (429, "rate_limited", "1")
    assert api_of(make_user()).get("/auth/user/").status_code == 200


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.parametrize(
    ("wanted", "path"),
    [("/trips/?a=b", "/trips/?a=b"), ("-1", ""), ("inbox", ""), ("a\0b", ""), ("//elsewhere.example/", ""),
     ("/\\elsewhere.example/", ""), ("https://testserver/", ""), ("/" + "x" * 2000, "")],
)  # fmt: skip
def test_the_way_leads_on_to_a_whole_path_of_this_host_alone(rf: RequestFactory, wanted: str, path: str) -> None:
    assert next_of(rf.get("/login/", {"next": wanted})) == next_of(rf.post("/login/", {"next": wanted})) == path


def test_guessing_tokens_is_held_to_an_address_s_allowance(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    # The allowance fills again by the clock, which on a slow machine would be faster than we ask.
    monkeypatch.setattr(rate_limits, "monotonic", lambda: 1000.0)
    api.credentials(HTTP_AUTHORIZATION="Token nonsense")
    answers = [api.get("/auth/user/").status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]
