"""A stay in its party's own calendar, and what its card on the page of trips says: read as a calendar's program reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from icalendar import Calendar, Event

from accounts.models import User
from bookings.models import Booking
from core import clock
from tests.factories.accounts import client_of, make_user
from tests.factories.bookings import make_booking
from tests.factories.properties import make_property

pytestmark = pytest.mark.django_db
DHAKA = ZoneInfo("Asia/Dhaka")


@pytest.fixture
def stay() -> Booking:
    home = make_property(make_user("hasan"), title="Lake House", house_rules="No shoes inside.\nQuiet after ten.")
    home.location.__class__.objects.filter(pk=home.pk).update(house_name="House 7", selected_location="Gulshan, Dhaka")
    return make_booking(home, make_user("rahim", first_name="Rahim"), now=clock.now(), first=20)


def read(stay: Booking, user: User) -> tuple[str, Event]:
    answer = client_of(user).get(f"/api/booking/{stay.pk}/calendar.ics")
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/calendar")
    calendar = Calendar.from_ical(b"".join(answer) if answer.streaming else answer.content)
    [event] = calendar.walk("VEVENT")
    return str(calendar["method"]), event


def settle(stay: Booking, **changes: object) -> None:
    Booking.objects.filter(pk=stay.pk).update(**changes)
    stay.refresh_from_db()


def test_the_stay_begins_and_ends_at_the_homes_own_hours(stay: Booking) -> None:
    method, event = read(stay, stay.guest)
    start, end = event["dtstart"], event["dtend"]
    assert method == "PUBLISH"
    assert start.dt == datetime.combine(stay.start_date, datetime.min.time(), DHAKA).replace(hour=14)
    assert end.dt == datetime.combine(stay.end_date, datetime.min.time(), DHAKA).replace(hour=11)
    assert (start.params["TZID"], end.params["TZID"]) == ("Asia/Dhaka", "Asia/Dhaka")
    assert str(event["summary"]) == "Stay at Lake House"
    assert str(event["url"]) == f"{settings.PUBLIC_URL}/bookings/{stay.pk}/"
    assert str(event["status"]) == "CONFIRMED"
    _, theirs = read(stay, stay.host)
    assert str(theirs["summary"]) == "Rahim at your home"
    # Both parties have the same event in their calendars.
    assert theirs["uid"] == event["uid"]


def test_the_address_comes_once_the_stay_is_settled(stay: Booking) -> None:
    settle(stay, payment_status="due")
    assert str(read(stay, stay.guest)[1]["location"]) == "Gulshan, Dhaka"
    assert str(read(stay, stay.host)[1]["location"]).startswith("House 7, ")
    settle(stay, payment_status="paid", confirmed_at=clock.now())
    assert str(read(stay, stay.guest)[1]["location"]).startswith("House 7, ")


def test_a_cancelled_stay_is_the_same_event_and_later(stay: Booking) -> None:
    _, before = read(stay, stay.guest)
    later = stay.updated_at + timedelta(minutes=5)
    settle(stay, status="cancelled", calendar_entry=None, ended_at=later, ended_by="guest", updated_at=later)
    _, after = read(stay, stay.guest)
    assert (str(after["status"]), after["uid"]) == ("CANCELLED", before["uid"])
    assert int(after["sequence"]) > int(before["sequence"])


def test_a_trips_card_says_what_is_needed_on_the_way(stay: Booking, client: Client) -> None:
    settle(stay, payment_status="paid", confirmed_at=clock.now())
    client.force_login(stay.guest)
    page = client.get("/trips/").content.decode()
    for words in (
        "No shoes inside.<br>",
        "House 7, ",
        "openstreetmap.org",
        f"mailto:{stay.host.email}",
        "14:00",
        "11:00",
    ):
        assert words in page, words
    assert f"/api/booking/{stay.pk}/calendar.ics" in page
    settle(stay, payment_status="due")
    waiting = client.get("/trips/").content.decode()
    assert "House 7" not in waiting
    assert "mailto:" not in waiting
    client.force_login(stay.host)
    assert f"mailto:{stay.guest.email}" not in client.get("/trips/?as=host").content.decode()
