"""Pages, mails and notices in the language of the one who reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from accounts.services.email_changes import ask_to_confirm_email
from accounts.services.mailing import send_mails
from bookings.services import notifications
from core import clock
from negotiation.notification_titles import assistant_of, title
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.stays import make_property

pytestmark = pytest.mark.django_db
BANGLA, ENGLISH = "লগ ইন", "Log in"


def words(client: Client, path: str = "/login/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_a_browser_is_spoken_to_as_it_prefers(client: Client) -> None:
    page = words(client, **{"accept-language": "bn-BD,bn;q=0.9,en;q=0.5"})
    assert BANGLA in page
    assert '<html lang="bn">' in page
    assert ENGLISH in words(client, **{"accept-language": "fr"})


def test_the_switch_holds_for_the_browser(client: Client) -> None:
    answer = client.post("/language/", {"language": "bn"}, headers={"referer": "http://testserver/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/login/")
    assert BANGLA in words(client)
    client.post("/language/", {"language": "en"})
    assert ENGLISH in words(client, **{"accept-language": "bn"})


@pytest.mark.parametrize("language", ["xx", "", "bn; drop"])
def test_another_language_changes_nothing(client: Client, language: str) -> None:
    user = make_user()
    client.force_login(user)
    assert client.post("/language/", {"language": language}).status_code == 302
    user.refresh_from_db()
    assert user.language == ""


def test_the_switch_leads_to_no_other_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "bn", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_the_account_keeps_the_language_on_every_device() -> None:
    user = make_user()
    one, two = Client(), Client()
    one.force_login(user)
    two.force_login(user)
    one.post("/language/", {"language": "bn"})
    assert "আপনার অ্যাকাউন্ট" in words(two, "/profile/")


def test_a_mail_is_in_the_language_of_its_reader() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(language="bn", email_confirmed_at=None)
    user.refresh_from_db()
    ask_to_confirm_email(user=user, now=clock.now())
    send_mails(clock.now() + timedelta(seconds=1))
    assert mail.outbox[-1].subject == "আপনার ই-মেইল ঠিকানা নিশ্চিত করুন"


def test_a_notice_is_in_the_language_of_its_reader_and_not_of_the_one_who_acts() -> None:
    booking = make_booking(make_property(), make_user())
    User.objects.filter(pk=booking.guest_id).update(language="bn")
    notifications.notify_parties(booking, "guest", "host", kind="booking.confirmed", now=clock.now())
    titles = {row.user_id: row.title for row in [*booking.guest.notifications.all(), *booking.host.notifications.all()]}
    assert "নিশ্চিত" in titles[booking.guest_id]
    assert "is confirmed" in titles[booking.host_id]


def test_a_haggles_title_does_not_follow_the_language_of_the_one_who_acts() -> None:
    with override("bn"):
        assert title("offer.made", who="Rahim", home="Lake House", amount="5") == "Rahim offers 5 for Lake House"
        assert assistant_of("Rahim") == "Rahim's assistant"
