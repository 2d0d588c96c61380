"""Contact as bait: who pays only to read it waits the third time."""

from datetime import timedelta

import pytest

from accounts.models import ContactAccess, User
from bookings.models import Booking
from bookings.selectors.contact import count_baits, may_see_address, may_see_contact
from core import clock
from tests.factories.accounts import browser_of
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay() -> Booking:
    """A paid stay of a month ahead, booked just now: it can be cancelled for nothing."""
    booking = make_booking(make_property(), make_user())
    Booking.objects.update(payment_status="paid", confirmed_at=NOW)
    booking.refresh_from_db()
    return booking


def bait(stay: Booking, days_ago: int, **changes: object) -> None:
    other = make_booking(make_property(), stay.guest, first=40)
    over = {"status": "cancelled", "payment_status": "refunded", "ended_by": "guest", "calendar_entry": None}
    Booking.objects.filter(pk=other.pk).update(ended_at=NOW - timedelta(days=days_ago), **over | changes)


def sees(stay: Booking, now=NOW) -> bool:
    known = may_see_contact(viewer_id=stay.guest_id, other_id=stay.host_id, now=now)
    assert known == may_see_contact(viewer_id=stay.host_id, other_id=stay.guest_id, now=now)
    assert known == may_see_address(viewer_id=stay.guest_id, property_id=stay.property_id, now=now)
    return known


def test_the_third_time_in_thirty_days_contact_waits_for_the_end_of_the_free_window(stay: Booking) -> None:
    bait(stay, 2)
    assert sees(stay)
    bait(stay, 1)
    assert count_baits(stay.guest_id, NOW) == 2
    assert not sees(stay)
    assert not sees(stay, stay.check_in_at - timedelta(days=5))
    assert sees(stay, stay.check_in_at - timedelta(days=5) + timedelta(seconds=1))


@pytest.mark.parametrize(
    "changes", [{"ended_by": "host"}, {"payment_status": "partly_refunded"}, {"ended_at": NOW - timedelta(days=30)}]
)
def test_what_was_the_hosts_doing_or_cost_something_or_is_long_ago_does_not_count(stay: Booking, changes: dict) -> None:
    bait(stay, 1)
    bait(stay, 1, **changes) if "ended_at" not in changes else bait(stay, 30)
    assert sees(stay)


@pytest.mark.parametrize("query", ["", "?q={email}", "?o=2"])
def test_a_list_of_people_shows_nobodys_address(stay: Booking, query: str) -> None:
    guest = User.objects.get(pk=stay.guest_id)
    User.objects.filter(pk=guest.pk).update(email="rahim.uddin@mail.example")
    boss = make_user(is_staff=True, is_superuser=True)
    shown = browser_of(User.objects.get(pk=boss.pk)).get("/admin/accounts/user/" + query.format(email="rahim.uddin"))
    assert shown.status_code == 200
    words = shown.content.decode()
    assert "r…@mail.example" in words
    assert "rahim.uddin@" not in words
    assert not ContactAccess.objects.exists()


def test_every_look_of_the_staff_at_contact_data_is_a_row(stay: Booking) -> None:
    boss = make_user(is_staff=True, is_superuser=True)
    browser = browser_of(User.objects.get(pk=boss.pk))
    assert browser.get(f"/admin/accounts/user/{stay.guest_id}/change/").status_code == 200
    row = ContactAccess.objects.get()
    assert (row.user_id, row.viewer_id) == (stay.guest_id, boss.pk)
    assert clock.now() - row.at < timedelta(minutes=1)
    lines = b"".join(browser.get("/admin/audit/contacts.csv")).decode().splitlines()
    assert len(lines) == 2
