"""The host's calendar page: who comes, what is blocked; nobody else's business."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from bookings.selectors.calendar import list_busy
from core import clock
from properties.models import ImportedCalendar
from tests.factories.accounts import make_user
from tests.factories.bookings import NOW, day, make_booking, make_hold
from tests.factories.properties import make_entry, make_property

pytestmark = pytest.mark.django_db


def test_stays_holds_and_blocks_in_order() -> None:
    home, guest = make_property(), make_user("maya", first_name="Maya", last_name="Sen")
    stay = make_booking(home, guest, first=5)
    hold = make_hold(home, guest, NOW + timedelta(hours=1), first=10)
    make_hold(home, make_user(), NOW, first=15)  # over, so it takes nothing
    make_entry(home, day(0), day(2), "block")
    found = list_busy(home.pk, day(0), day(40), NOW)
    assert [(one.kind, one.booking_id, one.guest) for one in found] == [
        ("block", None, ""), ("stay", stay.pk, "Maya Sen"), ("hold", hold.pk, "Maya Sen"),
    ]  # fmt: skip
    assert (found[1].start, found[1].end) == (day(5), day(8))


def test_the_page_and_what_its_script_asks_for(client: Client) -> None:
    home = make_property()
    today = clock.now().date()
    make_entry(home, today + timedelta(3), today + timedelta(5), "block")
    client.force_login(home.host)
    page = client.get(f"/hosting/{home.pk}/calendar/")
    busy = client.get(f"/hosting/{home.pk}/busy/").json()["busy"]
    assert page.status_code == 200
    assert page.context["busy"] == busy
    assert [one["kind"] for one in busy] == ["block"]


def test_a_new_feed_address_kills_the_old_one(client: Client) -> None:
    home = make_property()
    client.force_login(home.host)
    client.post(f"/hosting/{home.pk}/feed/")
    old = client.get(f"/hosting/{home.pk}/calendar/").context["feed"]
    answer = client.post(f"/hosting/{home.pk}/feed/")
    assert answer["Location"] == f"/hosting/{home.pk}/calendar/"
    new = client.get(f"/hosting/{home.pk}/calendar/").context["feed"]
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)


@pytest.mark.parametrize("path", ["calendar", "busy"])
def test_nobody_else_sees_it(client: Client, path: str) -> None:
    home = make_property()
    client.force_login(make_user())
    assert client.get(f"/hosting/{home.pk}/{path}/").status_code == 404


def test_the_page_shows_where_a_night_of_another_site_comes_from(client: Client) -> None:
    home, today = make_property(), clock.now().date()
    for name, first, last in (("Airbnb", 5, 9), ("VRBO", 7, 11)):
        followed = ImportedCalendar.objects.create(property=home, name=name, url="https://site.example/a.ics")
        nights = DateRange(today + timedelta(first), today + timedelta(last))
        followed.events.create(uid_digest=b"x", nights=nights, first_seen_at=clock.now())
    make_entry(home, today + timedelta(5), today + timedelta(11), "elsewhere")
    client.force_login(home.host)
    page = client.get(f"/hosting/{home.pk}/calendar/")
    busy = [((date.fromisoformat(one["start"]) - today).days, one["source"]) for one in page.context["busy"]]
    assert busy == [(5, "Airbnb"), (7, "Airbnb, VRBO"), (9, "VRBO")]
    text = page.content.decode()
    assert "Waiting to be read" in text
    assert "Read now" in text


def test_a_hosts_inbox_says_what_needs_somebody(client: Client) -> None:
    home = make_property()
    followed = ImportedCalendar.objects.create(property=home, name="Airbnb", url="https://site.example/a.ics")
    client.force_login(home.host)
    assert "another site" not in client.get("/inbox/").content.decode()
    ImportedCalendar.objects.update(status="failing", failed_told_at=clock.now())
    assert "read any more" in client.get("/inbox/").content.decode()
    booking = make_booking(home, make_user())
    nights = DateRange(day(0), day(2))
    followed.told_conflicts.create(entry_id=booking.calendar_entry_id, nights=nights, told_at=clock.now())
    assert "booked here and on another site" in client.get("/inbox/").content.decode()
