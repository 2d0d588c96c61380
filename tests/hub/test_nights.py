"""Nights that go while they are haggled about: both sides hear of it in the room, and rule 1 reads them at each move."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from properties.models import CalendarEntry
from tests.factories.accounts import api_of, browser_of, make_user
from tests.factories.stays import day
from tests.hub.tabs import Refused, Tab
from tests.hub.test_live_rooms import opened
from tests.negotiation.play import Play

Room = tuple[Tab, Tab, Play]
ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//other//EN
BEGIN:VEVENT
UID:7@other.example
DTSTART;VALUE=DATE:{start:%Y%m%d}
DTEND;VALUE=DATE:{end:%Y%m%d}
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def room(tab: Callable[..., Tab], play: Play) -> Room:
    """The guest's tab, the host's on another process, both in the room."""
    guest, host = tab(play.guest), tab(play.host, hub=1)
    host.call("negotiation.join", negotiation=opened(guest, play))
    return guest, host, play


def told(room: Room) -> list[bool]:
    guest, host, play = room
    return [side.wait("nights", negotiation=play.id)["free"] for side in (guest, host)]


def refused(tab: Tab, kind: str, **fields: object) -> str:
    with pytest.raises(Refused) as error:
        tab.call(kind, **fields)
    return error.value.code


def check_moves(room: Room) -> None:
    """No price is named, sealed or accepted over nights that are gone; the room stays open, and words go on."""
    guest, host, play = room
    before = play.seen_now()
    assert refused(host, "offer.make", negotiation=play.id, amount="2900") == "dates.taken"
    assert refused(guest, "limit.seal", negotiation=play.id, amount="2500") == "dates.taken"
    assert refused(host, "offer.accept", negotiation=play.id, offer=before["standing_offer"]["id"]) == "dates.taken"
    assert play.seen_now() == before
    host.call("message.send", negotiation=play.id, text="Wait a little.")


def test_a_block_and_its_end(room: Room) -> None:
    guest, host, play = room
    nights = {"start_date": day(1).isoformat(), "end_date": day(2).isoformat()}
    api = api_of(play.host)
    assert api.post(f"/api/property/{play.home.pk}/block/", nights).status_code == 200
    assert told(room) == [False, False]
    check_moves(room)
    assert api.post(f"/api/property/{play.home.pk}/mark_interval_available/", nights).status_code == 200
    assert told(room)[-1] is True
    assert host.call("offer.make", negotiation=play.id, amount="2900")["offer"]["amount"] == "2900.00"
    assert guest.call("limit.seal", negotiation=play.id, amount="2500")["limits"]["guest"] == "sealed"


def test_somebody_elses_hold(room: Room) -> None:
    _, _, play = room
    stay = {
        "property_id": play.home.pk, "start_date": day(2).isoformat(), "end_date": day(4).isoformat(),
        "number_of_guests": 1, "booking_type": "stay",
    }  # fmt: skip
    assert api_of(make_user()).post("/api/reserve/", stay).status_code == 201
    assert told(room) == [False, False]
    check_moves(room)


def test_ones_own_hold_shuts_nothing(room: Room) -> None:
    _, host, play = room
    stay = {
        "property_id": play.home.pk, "start_date": day(0).isoformat(), "end_date": day(3).isoformat(),
        "number_of_guests": 1, "booking_type": "stay",
    }  # fmt: skip
    assert api_of(play.guest).post("/api/reserve/", stay).status_code == 201
    assert told(room) == [True, True]
    assert host.call("offer.make", negotiation=play.id, amount="2900")["offer"]["amount"] == "2900.00"


def test_a_booking_on_another_site(room: Room) -> None:
    _, _, play = room
    file = SimpleUploadedFile("other.ics", ICAL.format(start=day(0), end=day(1)).encode(), "text/calendar")
    answer = api_of(play.host).post(
        f"/api/property/{play.home.pk}/calendars/", {"name": "Other", "file": file}, format="multipart"
    )
    assert answer.status_code == 201
    assert CalendarEntry.objects.filter(kind="elsewhere").exists()
    assert told(room) == [False, False]
    check_moves(room)


def test_other_nights_go_and_the_room_is_told_that_its_own_are_free(room: Room) -> None:
    _, host, play = room
    nights = {"start_date": day(9).isoformat(), "end_date": day(12).isoformat()}
    assert api_of(play.host).post(f"/api/property/{play.home.pk}/block/", nights).status_code == 200
    assert told(room) == [True, True]
    assert host.call("offer.make", negotiation=play.id, amount="2900")["offer"]["amount"] == "2900.00"


def test_the_page_says_so_to_who_comes_later(room: Room) -> None:
    _, _, play = room
    browser = browser_of(play.guest)
    shown = '<p class="notice notice--warm room__nights small" data-part="nights" role="status" {}>'
    assert shown.format("hidden") in browser.get(f"/inbox/{play.id}/").content.decode()
    CalendarEntry.objects.create(property=play.home, kind="block", nights=(day(0), day(1)), created_at=clock.now())
    assert shown.format("") in browser.get(f"/inbox/{play.id}/").content.decode()
