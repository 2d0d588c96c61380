"""Another address, another password, and the link that undoes either; names and mails on the way."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import EmailChange, OutgoingMail, Passkey, Recovery, User
from accounts.services.email_changes import forget_ways_back
from accounts.services.mailing import send_mails
from core import clock
from tests.factories.accounts import NOON, PASSWORD, api_of, make_user

pytestmark = pytest.mark.django_db
SAYING = {"username": "rahim", "email": "rahim@example.com", "password": PASSWORD}
OTHER_PASSWORD = "quite-another-one-7"


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD, email_confirmed_at=NOON)


def letters() -> dict[str, Any]:
    """What is sent now: (address, first word of the subject) → the link in it."""
    mail.outbox.clear()
    send_mails(clock.now())
    found = {}
    for letter in mail.outbox:
        link = re.search(r"https?://\S+", str(letter.body))
        found[letter.to[0], letter.subject] = link[0] if link else ""
    return found


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def change(user: User, email: str = "new@example.com") -> dict[str, Any]:
    answer = api_of(user).patch("/auth/user/", {"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.data["email"] == user.email  # not yet
    return letters()


def test_a_change_counts_once_the_new_address_confirms(rahim: User, api: APIClient) -> None:
    sent = change(rahim)
    assert set(sent) == {
        ("new@example.com", "Confirm your e-mail address"),
        ("rahim@example.com", "Somebody asked to change your e-mail address"),
    }
    rahim.refresh_from_db()
    assert (rahim.email, rahim.email_confirmed_at) == ("rahim@example.com", NOON)
    link = sent["new@example.com", "Confirm your e-mail address"]
    assert api.post("/auth/email/confirm/", {"token": token_in(link)}).status_code == 200
    rahim.refresh_from_db()
    assert rahim.email == "new@example.com"
    assert rahim.email_confirmed_at is not None
    assert list(letters()) == [("rahim@example.com", "Your e-mail address was changed")]


def test_the_old_address_takes_the_account_back_for_seven_days(rahim: User, api: APIClient) -> None:
    sent = change(rahim)
    api.post("/auth/email/confirm/", {"token": token_in(sent["new@example.com", "Confirm your e-mail address"])})
    thief = api_of(rahim)
    Passkey.objects.create(
        user=rahim, name="thief's", credential_id=b"1", public_key=b"-", sign_count=0, created_at=clock.now()
    )
    undo = token_in(letters()["rahim@example.com", "Your e-mail address was changed"])
    answer = api.post("/auth/undo/", {"token": undo})
    assert answer.status_code == 200
    rahim.refresh_from_db()
    assert (rahim.email, rahim.has_usable_password()) == ("rahim@example.com", False)
    assert thief.get("/auth/user/").status_code == 401
    assert not Passkey.objects.exists()
    body = answer.data | {"new_password": OTHER_PASSWORD}
    assert api.post("/auth/password/reset/confirm/", body).status_code == 200
    assert api.post("/auth/undo/", {"token": undo}).status_code == 400


def test_an_undo_link_is_over_after_seven_days(rahim: User, api: APIClient) -> None:
    change(rahim)
    way_back = Recovery.objects.get()
    assert way_back.expires_at - way_back.made_at == timedelta(days=7)
    Recovery.objects.update(expires_at=clock.now())
    from accounts.mail_links import undo_token

    assert api.post("/auth/undo/", {"token": undo_token(way_back.pk)}).status_code == 400
    assert forget_ways_back(clock.now()) == 1


def test_a_changed_password_tells_and_offers_the_way_back(rahim: User, api: APIClient) -> None:
    body = {"old_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert api_of(rahim).post("/auth/password/", body).status_code == 200
    link = letters()["rahim@example.com", "Your password was changed"]
    assert "/account/undo/" in link
    browser = Client()
    assert browser.get(link).status_code == 200
    answer = browser.post(link, follow=True)
    assert "Set the password" in answer.content.decode()
    assert api.post("/auth/login/", {"username": "rahim", "password": OTHER_PASSWORD}).status_code == 400


def test_nobody_takes_an_address_that_may_be_asked_back(rahim: User, api: APIClient) -> None:
    sent = change(rahim)
    api.post("/auth/email/confirm/", {"token": token_in(sent["new@example.com", "Confirm your e-mail address"])})
    answer = api.post("/auth/signup/", SAYING | {"username": "thief"})
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["email"])
    Recovery.objects.update(expires_at=clock.now())
    assert api.post("/auth/signup/", SAYING | {"username": "thief"}).status_code == 201


def test_of_two_who_ask_for_one_address_the_first_to_confirm_has_it(rahim: User, api: APIClient) -> None:
    mina = make_user("mina", password=PASSWORD)
    links = [change(user)["new@example.com", "Confirm your e-mail address"] for user in (rahim, mina)]
    assert api.post("/auth/email/confirm/", {"token": token_in(links[1])}).status_code == 200
    answer = api.post("/auth/email/confirm/", {"token": token_in(links[0])})
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["email"])


def test_another_address_needs_the_password_and_is_asked_for_five_times_a_day(rahim: User) -> None:
    api = api_of(rahim)
    assert api.patch("/auth/user/", {"email": "new@example.com"}).status_code == 400
    assert not EmailChange.objects.exists()
    answers = [api.patch("/auth/user/", {"email": f"{n}@example.com", "password": PASSWORD}) for n in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]


def test_what_strangers_say_never_leaves_in_a_mail_of_ours(api: APIClient) -> None:
    warning = "Rahim\n\nWarning: your account will be closed. Go to http://evil.example/"
    answer = api.post("/auth/signup/", SAYING | {"first_name": warning})
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["first_name"])
    assert api.post("/auth/signup/", SAYING | {"first_name": "Evil", "last_name": "Name"}).status_code == 201
    User.objects.update(first_name="Evilname")
    for kind in OutgoingMail.Kind.values:
        OutgoingMail.objects.create(user=User.objects.get(), kind=kind, created_at=NOON, next_try_at=NOON)
    letters()
    assert len(mail.outbox) == len(OutgoingMail.Kind.values) + 1
    assert not [one for one in mail.outbox if "Evil" in f"{one.subject}{one.body}" or "rahim," in str(one.body)]


@pytest.mark.parametrize("name", ["rаhim", "ra\u200bhim", "rahim\u202e", "\u0440\u0430\u04bb\u0456m"])
def test_a_name_that_looks_like_another_is_refused_beside_it(api: APIClient, name: str) -> None:
    assert api.post("/auth/signup/", SAYING).status_code == 201
    answer = api.post("/auth/signup/", SAYING | {"username": name, "email": "other@example.com"})
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["username"])


def test_a_whole_word_of_another_alphabet_is_refused_beside_its_twin(api: APIClient) -> None:
    assert api.post("/auth/signup/", SAYING | {"username": "paypa"}).status_code == 201
    answer = api.post("/auth/signup/", SAYING | {"username": "раура", "email": "other@example.com"})
    assert "looks like one that is taken" in str(answer.data["fields"]["username"])


def test_names_are_changed_by_the_same_rule(rahim: User) -> None:
    answer = api_of(rahim).patch("/auth/user/", {"first_name": "evil.example", "last_name": "Ok"})
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["first_name"])
