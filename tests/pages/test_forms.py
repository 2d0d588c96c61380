"""What the pages' forms do, without a browser: each is one call of the service that REST calls too."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.mail_links import confirm_email_token, password_reset_parts, unsubscribe_token
from accounts.models import AuthToken, User
from accounts.selectors.notifications import get_preferences
from accounts.services.notifications import notify
from bookings.models import Booking
from core import clock
from tests.factories.accounts import PASSWORD
from tests.factories.accounts import make_user as make_person
from tests.factories.bookings import make_booking, make_hold
from tests.factories.stays import make_property, make_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_signing_up_signs_in_and_leaves_no_token_behind(client: Client) -> None:
    body = {"username": "rahim", "email": "rahim@example.com", "password": PASSWORD, "next": "/trips/"}
    answer = client.post("/signup/", body)
    assert (answer.status_code, answer["Location"]) == (302, "/trips/")
    assert "Log out" in client.get("/trips/").content.decode()
    assert not AuthToken.objects.exists()


def test_a_taken_name_is_said_beside_its_field(client: Client) -> None:
    make_user("rahim")
    body = {"username": "Rahim", "email": "other@example.com", "password": PASSWORD}
    assert "This user name is taken." in client.post("/signup/", body).content.decode()


def test_logging_in_by_name_or_mail_and_out_again(client: Client) -> None:
    make_person("rahim", password=PASSWORD)
    for name in ("RAHIM", "rahim@example.com"):
        assert client.post("/login/", {"username": name, "password": PASSWORD}).status_code == 302
        assert client.post("/logout/").status_code == 302
        assert client.get("/trips/")["Location"] == "/login/?next=/trips/"
    wrong = client.post("/login/", {"username": "rahim", "password": "no"})
    assert "The user name or the password is wrong." in wrong.content.decode()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_host(client: Client, wanted: str) -> None:
    make_person("rahim", password=PASSWORD)
    answer = client.post("/login/", {"username": "rahim", "password": PASSWORD, "next": wanted})
    assert answer["Location"] == "/"


def test_logging_out_takes_a_post(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/logout/").status_code == 302
    assert "Log out" in client.get("/trips/").content.decode()


def test_a_form_without_its_token_is_refused_in_the_products_look() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "The page was too old." in answer.content.decode()


def test_a_profile_is_changed_and_emptied() -> None:
    user = make_user("rahim", first_name="Rahim")
    signed_in(user).post("/profile/", {"first_name": "", "last_name": "Khan", "phone": "+880 1", "address": ""})
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.profile.phone) == ("", "Khan", "+880 1")


def test_a_password_is_changed_only_by_who_knows_it() -> None:
    user = make_person("rahim", password=PASSWORD)
    client = signed_in(user)
    wrong = client.post("/profile/password/", {"old_password": "no", "new_password": "another-long-one"})
    assert "This is not your password." in wrong.content.decode()
    client.post("/profile/password/", {"old_password": PASSWORD, "new_password": "another-long-one"})
    user.refresh_from_db()
    assert user.check_password("another-long-one")
    assert client.get("/profile/").status_code == 200


def test_a_mailed_link_sets_a_password_once(client: Client) -> None:
    user = make_person("rahim", password=PASSWORD)
    path = reverse("new_password", args=password_reset_parts(user))
    assert client.post(path, {"new_password": "another-long-one"}).status_code == 302
    assert client.get(path).status_code == 400


def test_links_of_mails_do_nothing_until_a_button_is_pressed(client: Client) -> None:
    user = make_user("rahim")
    confirm = reverse("confirm_email", args=[confirm_email_token(user)])
    stop = reverse("unsubscribe", args=[unsubscribe_token(user.pk)])
    for path in (confirm, stop):
        assert client.get(path).status_code == 200
    user.refresh_from_db()
    assert user.email_confirmed_at is None
    assert get_preferences(user.pk).mail
    for path in (confirm, stop):
        assert client.post(path).status_code == 302
    user.refresh_from_db()
    assert user.email_confirmed_at is not None
    assert not get_preferences(user.pk).mail


def test_preferences_keep_what_is_ticked() -> None:
    user = make_user()
    signed_in(user).post("/profile/preferences/", {"mail": "on", "kind": ["offer.made", "no.such.kind"]})
    wanted = get_preferences(user.pk)
    assert wanted.mail
    assert [kind for kind, mailed in wanted.kinds.items() if mailed] == ["offer.made"]


def test_notifications_page_by_cursor_and_are_read() -> None:
    user = make_user()
    for number in range(45):
        notify(user_id=user.pk, kind="message.sent", title=f"Number {number}.", now=clock.now(), negotiation_id=7)
    client = signed_in(user)
    first = client.get("/notifications/").content.decode()
    assert "Number 44." in first
    assert "Number 4." not in first
    assert 'href="/inbox/7/"' in first
    older = re.search(r'href="(\?cursor=\d+)"', first)
    assert older is not None
    assert "Number 4." in client.get(f"/notifications/{older[1]}").content.decode()
    client.post("/notifications/")
    assert not user.notifications.filter(read_at=None).exists()


def test_a_host_answers_a_request_and_a_guest_may_not() -> None:
    home, now = make_property(), clock.now()
    booking = make_hold(home, make_user(), now + timedelta(hours=2))
    path = f"/bookings/{booking.pk}/answer/"
    signed_in(booking.guest).post(path, {"status": "confirmed"})
    booking.refresh_from_db()
    assert booking.status == "pending"
    signed_in(home.host).post(path, {"status": "confirmed"})
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_refund_is_shown_before_a_paid_stay_is_cancelled(django_capture_on_commit_callbacks: object) -> None:
    booking = make_booking(make_property(), make_user(), now=clock.now())
    client = signed_in(booking.guest)
    shown = client.get(f"/bookings/{booking.pk}/cancel/").content.decode()
    assert "Nothing was paid" in shown
    client.post(f"/bookings/{booking.pk}/cancel/", {"reason": "Ill\0ness", "key": "k" * 32})
    booking.refresh_from_db()
    assert (booking.status, booking.reason) == ("cancelled", "Illness")


@pytest.mark.parametrize("page", ["", "pay/", "cancel/", "receipt/"])
def test_a_booking_is_nobody_elses(page: str) -> None:
    booking = make_booking(make_property(), make_user(), now=clock.now())
    assert signed_in(make_user()).get(f"/bookings/{booking.pk}/{page}").status_code == 404
    assert Booking.objects.filter(pk=booking.pk, status="confirmed").exists()


def test_every_page_for_the_signed_in_asks_for_a_sign_in(client: Client) -> None:
    for path in ("/inbox/", "/inbox/1/", "/trips/", "/bookings/1/", "/bookings/1/pay/", "/notifications/", "/profile/",
                 "/profile/sessions/", "/profile/password/", "/profile/preferences/"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/login/?next="), path


def test_times_are_rendered_in_the_viewers_zone() -> None:
    user = make_user()
    client = signed_in(user)
    client.cookies["timezone"] = "Asia%2FDhaka"
    notify(
        user_id=user.pk,
        kind="message.sent",
        title="Hello.",
        now=clock.now().replace(hour=20, minute=0),
        negotiation_id=7,
    )
    assert ", 02:0" in client.get("/notifications/").content.decode()
    client.cookies["timezone"] = "../../etc/passwd"
    assert ", 20:0" in client.get("/notifications/").content.decode()
