"""Passwords changed by every door, reset by mail, and addresses confirmed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.authentication import authenticate_token
from accounts.mail_links import confirm_email_token, password_reset_parts
from accounts.models import AuthToken, OutgoingMail, Session, User
from accounts.services.mailing import send_mails
from core import clock
from tests.factories.accounts import PASSWORD, api_of, make_session, make_token, make_user

pytestmark = pytest.mark.django_db
NEW = "another-password-1"
BOTH = {"old_password": PASSWORD, "new_password": NEW}


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD)


def mails() -> list[Any]:
    """What the clock sends now."""
    send_mails(clock.now())
    return mail.outbox


def log_in(password: str) -> int:
    return int(APIClient().post("/auth/login/", {"username": "rahim", "password": password}).status_code)


def test_a_change_ends_every_sign_in_and_answers_with_a_new_one(rahim: User) -> None:
    api, other, browser = api_of(rahim), api_of(rahim), make_session(rahim)
    answer = api.post("/auth/password/", BOTH)
    assert (answer.status_code, set(answer.data)) == (200, {"token", "expiry", "user"})
    assert [a.get("/auth/user/").status_code for a in (api, other)] == [401, 401]
    assert not Session.objects.filter(pk=browser).exists()
    assert APIClient(HTTP_AUTHORIZATION=f"Token {answer.data['token']}").get("/auth/user/").status_code == 200
    assert (log_in(PASSWORD), log_in(NEW)) == (400, 200)
    assert [m.subject for m in mails()] == ["Your password was changed"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"old_password": "wrong"}, "old_password"),
        ({"old_password": ""}, "old_password"),
        ({"new_password": "rahim"}, "new_password"),
        ({"new_password": "12345678"}, "new_password"),
        ({"new_password": None}, "new_password"),
    ],
)
def test_a_change_that_is_not_good_enough_changes_nothing(rahim: User, change: dict[str, Any], field: str) -> None:
    api = api_of(rahim)
    answer = api.post("/auth/password/", BOTH | change)
    assert (answer.status_code, list(answer.data["fields"])) == (400, [field])
    assert api.get("/auth/user/").status_code == 200


def test_the_old_password_cannot_be_guessed_by_a_thief_of_a_token(rahim: User) -> None:
    api = api_of(rahim)
    answers = [api.post("/auth/password/", BOTH | {"old_password": "wrong"}).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]


def test_the_command_line_ends_every_sign_in_too(rahim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = make_token(rahim)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
    call_command("changepassword", "rahim", stdout=StringIO())
    assert authenticate_token(key, clock.now()) is None


def test_a_link_is_mailed_and_sets_a_password_once(api: APIClient, rahim: User) -> None:
    _, key = make_token(rahim)
    assert api.post("/auth/password/reset/", {"email": "RAHIM@example.com"}).status_code == 200
    (letter,) = mails()
    assert letter.to == ["rahim@example.com"]
    found = re.search(r"/password/reset/([^/]+)/([^/]+)/", letter.body)
    assert found
    body = {"uid": found[1], "token": found[2], "new_password": NEW}
    answer = api.post("/auth/password/reset/confirm/", body)
    assert (answer.status_code, answer.data["user"]["username"]) == (200, "rahim")
    assert authenticate_token(key, clock.now()) is None
    assert (log_in(PASSWORD), log_in(NEW)) == (400, 200)
    rahim.refresh_from_db()
    assert rahim.email_confirmed_at is not None, "a person who has the link reads that mail"
    again = api.post("/auth/password/reset/confirm/", body | {"new_password": NEW + "x"})
    assert (again.status_code, list(again.data["fields"])) == (400, ["token"])


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_link_at_once_one_sets_the_password(rahim: User) -> None:
    uid, token = password_reset_parts(rahim)

    def confirm(number: int) -> int:
        try:
            body = {"uid": uid, "token": token, "new_password": f"{NEW}-{number}"}
            return int(APIClient().post("/auth/password/reset/confirm/", body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(confirm, range(4))) == [200, 400, 400, 400]
    assert AuthToken.objects.count() == 1


def test_nobody_learns_whether_an_address_is_known(api: APIClient, rahim: User) -> None:
    make_user("closed", is_active=False)
    known = api.post("/auth/password/reset/", {"email": "rahim@example.com"})
    for email in ("nobody@example.com", "closed@example.com", "nonsense"):
        answer = api.post("/auth/password/reset/", {"email": email})
        assert (answer.status_code, answer.data) == (known.status_code, known.data)
    assert OutgoingMail.objects.count() == 1


def test_an_account_gets_five_links_an_hour_and_the_answer_stays_the_same(api: APIClient, rahim: User) -> None:
    answers = {api.post("/auth/password/reset/", {"email": rahim.email}).status_code for _ in range(8)}
    assert (answers, OutgoingMail.objects.count()) == ({200}, 5)


def test_a_reset_by_mail_lets_a_shut_account_in(api: APIClient, rahim: User) -> None:
    for _ in range(10):
        log_in("wrong")
    assert log_in(PASSWORD) == 429
    uid, token = password_reset_parts(rahim)
    body = {"uid": uid, "token": token, "new_password": NEW}
    assert api.post("/auth/password/reset/confirm/", body).status_code == 200
    assert log_in(NEW) == 200


@pytest.mark.parametrize(
    "change",
    [{"uid": "nonsense"}, {"uid": "OTk5OTk5"}, {"uid": "///"}, {"uid": "w7w"}, {"token": "nonsense"}, {"token": "a-b"}],
)
def test_a_broken_link_sets_nothing(api: APIClient, rahim: User, change: dict[str, str]) -> None:
    uid, token = password_reset_parts(rahim)
    answer = api.post("/auth/password/reset/confirm/", {"uid": uid, "token": token, "new_password": NEW} | change)
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["token"])
    assert log_in(PASSWORD) == 200


def test_a_weak_password_leaves_the_link_good(api: APIClient, rahim: User) -> None:
    uid, token = password_reset_parts(rahim)
    body = {"uid": uid, "token": token, "new_password": "12345678"}
    assert list(api.post("/auth/password/reset/confirm/", body).data["fields"]) == ["new_password"]
    assert api.post("/auth/password/reset/confirm/", body | {"new_password": NEW}).status_code == 200


def test_an_address_is_confirmed_by_its_link(api: APIClient, rahim: User) -> None:
    assert api_of(rahim).post("/auth/email/").status_code == 200
    (letter,) = mails()
    found = re.search(r"/email/confirm/([^/]+)/", letter.body)
    assert found
    assert api.post("/auth/email/confirm/", {"token": found[1]}).status_code == 200
    rahim.refresh_from_db()
    assert rahim.email_confirmed_at is not None
    api_of(rahim).post("/auth/email/")
    assert not OutgoingMail.objects.exists(), "a confirmed one needs no other link"


def test_a_link_of_an_address_that_was_left_confirms_nothing(api: APIClient, rahim: User) -> None:
    token = confirm_email_token(rahim)
    User.objects.update(email="new@example.com")
    assert api.post("/auth/email/confirm/", {"token": token}).status_code == 400
    for broken in ("nonsense", token[:-1], "x" * 2000):
        assert api.post("/auth/email/confirm/", {"token": broken}).status_code == 400


def test_a_mail_that_was_not_taken_is_tried_again_later_and_given_up_after_a_day(
    rahim: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, messages: Any) -> int:
        raise SMTPRecipientsRefused({"rahim@example.com": (450, b"mailbox busy")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    now = clock.now()
    OutgoingMail.objects.create(user=rahim, kind="confirm_email", created_at=now, next_try_at=now)
    assert send_mails(now) == 0
    assert send_mails(now + timedelta(seconds=119)) == 0
    assert OutgoingMail.objects.get().tries == 1
    while mail_left := OutgoingMail.objects.first():
        assert mail_left.created_at > mail_left.next_try_at - timedelta(hours=26)
        send_mails(mail_left.next_try_at)
        tries = mail_left.tries
    assert 24 <= tries <= 40


@pytest.mark.django_db(transaction=True)
def test_two_clocks_send_a_mail_once(rahim: User) -> None:
    now = clock.now()
    for _ in range(20):
        OutgoingMail.objects.create(user=rahim, kind="confirm_email", created_at=now, next_try_at=now)

    def send(_: int) -> int:
        try:
            return send_mails(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 20
    assert len(mail.outbox) == 20
