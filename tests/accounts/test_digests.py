"""The fallback by e-mail, what somebody wants of it, and how it is ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from rest_framework.test import APIClient

from accounts.events import NOTIFICATION_KINDS
from accounts.mail_links import unsubscribe_token
from accounts.models import Notification, User
from accounts.services import digests
from accounts.services.digests import send_digests
from accounts.services.notifications import notify
from core.live.lease import lease_key
from tests.factories.accounts import NOON, api_of, make_user
from tests.factories.bookings import make_booking
from tests.factories.properties import make_property

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", first_name="Rahim", email_confirmed_at=NOON)


def tell(user: User, title: str = "Mina asks ৳5,200", kind: str = "offer.made", at: datetime = NOON) -> Notification:
    return notify(user_id=user.pk, kind=kind, title=title, now=at)


def test_what_is_unread_for_five_minutes_comes_in_one_letter(rahim: User) -> None:
    for title in ("Mina asks ৳5,200", "Mina asks ৳5,000", "Mina: is <it> quiet?"):
        tell(rahim, title)
    assert send_digests(LATER - timedelta(seconds=1)) == 0
    assert send_digests(LATER) == 1
    assert send_digests(LATER + timedelta(minutes=1)) == 0
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["rahim@example.com"], "3 things happened at StayNest")
    assert "- Mina asks ৳5,000\n" in letter.body
    assert "Mina: is <it> quiet?" in letter.body


def test_letters_are_half_an_hour_apart(rahim: User) -> None:
    tell(rahim, "first")
    assert send_digests(LATER) == 1
    tell(rahim, "second", at=LATER)
    assert send_digests(LATER + timedelta(minutes=29)) == 0
    assert send_digests(LATER + timedelta(minutes=30)) == 1
    assert [letter.subject for letter in mail.outbox] == ["first", "second"]


def test_an_address_that_nobody_confirmed_gets_none_until_it_is(rahim: User) -> None:
    User.objects.update(email_confirmed_at=None)
    tell(rahim)
    assert send_digests(LATER) == 0
    User.objects.update(email_confirmed_at=LATER)
    assert send_digests(LATER) == 1


def test_an_address_that_refuses_holds_up_nobody_else(rahim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(rahim)
    tell(make_user("mina", email_confirmed_at=NOON), at=NOON + timedelta(seconds=1))
    send = EmailBackend.send_messages

    def refuse_rahim(self: Any, messages: Any) -> Any:
        if messages[0].to == ["rahim@example.com"]:
            raise SMTPRecipientsRefused({"rahim@example.com": (550, b"no such mailbox")})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_rahim)
    later = LATER + timedelta(minutes=1)
    assert send_digests(later) == 1
    assert mail.outbox[0].to == ["mina@example.com"]
    monkeypatch.undo()
    assert send_digests(later + timedelta(minutes=29)) == 0
    assert send_digests(later + timedelta(minutes=30)) == 1


def test_one_thing_is_the_subject(rahim: User) -> None:
    tell(rahim, "A title\nwith\u202e Bcc: other@example.com\n\n")
    send_digests(LATER)
    assert mail.outbox[0].subject == "A title with Bcc: other@example.com"


def test_what_was_read_is_not_mailed(rahim: User) -> None:
    tell(rahim)
    api_of(rahim).post("/api/notification/read_all/")
    assert send_digests(LATER) == 0


def test_who_is_online_gets_it_once_gone(rahim: User) -> None:
    tell(rahim)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.zadd(lease_key(), {str(rahim.pk): 9e12})
        assert send_digests(LATER) == 0
        client.zrem(lease_key(), str(rahim.pk))
    assert send_digests(LATER) == 1


def test_many_who_are_online_never_keep_the_others_waiting() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for _ in range(25):
            user = make_user(email_confirmed_at=NOON)
            tell(user)
            client.zadd(lease_key(), {str(user.pk): 9e12})
    tell(make_user(email_confirmed_at=NOON), at=NOON + timedelta(seconds=1))
    assert send_digests(LATER + timedelta(seconds=1)) == 1


def test_what_is_long_over_is_not_mailed(rahim: User) -> None:
    tell(rahim)
    assert send_digests(NOON + timedelta(days=3)) == 0


def test_a_closed_account_gets_none(rahim: User) -> None:
    tell(rahim)
    User.objects.update(is_active=False)
    assert send_digests(LATER) == 0


def test_a_mail_server_that_is_down_gets_it_with_the_next_pass(rahim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(rahim)

    def refuse(self: Any, messages: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as down:
        down.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        assert send_digests(LATER) == 0
    assert send_digests(LATER) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_send_one_letter(rahim: User) -> None:
    tell(rahim)

    def send(_: int) -> int:
        try:
            return send_digests(LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 1


def test_a_kind_that_is_not_wanted_is_left_out(rahim: User) -> None:
    api = api_of(rahim)
    assert api.get("/api/notification/preferences/").data == {
        "mail": True,
        "push": True,
        **{kinds: dict.fromkeys(NOTIFICATION_KINDS, True) for kinds in ("kinds", "push_kinds", "site_kinds")},
    }
    api.patch("/api/notification/preferences/", {"kinds": {"message.sent": False}})
    api.patch("/api/notification/preferences/", {"kinds": {"offer.expiring": "false"}})
    kinds = api.get("/api/notification/preferences/").data["kinds"]
    assert {kind for kind, mailed in kinds.items() if not mailed} == {"message.sent", "offer.expiring"}
    tell(rahim, "a message", "message.sent")
    assert send_digests(LATER) == 0
    tell(rahim, "an offer")
    assert send_digests(LATER) == 1
    assert mail.outbox[0].subject == "an offer"


@pytest.mark.parametrize(
    "body", [{"kinds": {"nonsense": True}}, {"kinds": []}, {"mail": "perhaps"}, {"kinds": {"offer.made": {}}}]
)
def test_preferences_that_make_no_sense_are_refused(rahim: User, body: dict[str, Any]) -> None:
    assert api_of(rahim).patch("/api/notification/preferences/", body).status_code == 400


def test_the_letter_says_how_to_end_them(rahim: User, api: APIClient) -> None:
    tell(rahim)
    send_digests(LATER)
    letter = mail.outbox[0]
    address = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = address.removeprefix(settings.PUBLIC_URL)
    answer = api.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 204
    tell(rahim)
    assert send_digests(LATER + timedelta(hours=1)) == 0
    assert api_of(rahim).get("/api/notification/preferences/").data["mail"] is False


def test_only_the_real_link_ends_them(rahim: User, api: APIClient) -> None:
    token = unsubscribe_token(rahim.pk)
    for broken in ("nonsense", token[:-1], f"x{token}"):
        assert api.post(f"/auth/unsubscribe/{broken}/").status_code == 404


def test_a_letter_whose_process_dies_while_it_is_sent_comes_a_bit_later(
    rahim: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(rahim, "first")

    def killed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(digests, "send_to", killed)
        with pytest.raises(KeyboardInterrupt):
            send_digests(LATER)
    # What was being sent is that pass's for two minutes; then the next one takes it over.
    assert send_digests(LATER + timedelta(seconds=119)) == 0
    assert send_digests(LATER + timedelta(minutes=2)) == 1
    assert send_digests(LATER + timedelta(minutes=40)) == 0
    assert [letter.subject for letter in mail.outbox] == ["first"]


def test_a_letter_comes_as_text_and_as_html_with_one_button(rahim: User) -> None:
    stay = make_booking(make_property(title="Lake\n\n<House>"), rahim)
    about = {"booking_id": stay.pk, "property_id": stay.property_id}
    notify(user_id=rahim.pk, kind="booking.confirmed", title="Confirmed & <b>done</b>", now=NOON, **about)
    assert send_digests(LATER) == 1
    (letter,) = mail.outbox
    [(page, kind)] = letter.alternatives
    assert kind == "text/html"
    assert "Lake <House> · 1 Mar – 4 Mar 2027 · ৳2,990" in letter.body
    assert "Lake &lt;House&gt; · 1 Mar – 4 Mar 2027 · ৳2,990" in page
    assert "Confirmed &amp; &lt;b&gt;done&lt;/b&gt;" in page
    link = f"{settings.PUBLIC_URL}/bookings/{stay.pk}/"
    assert link in letter.body
    assert page.count(f'<a href="{link}"') == 1
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
