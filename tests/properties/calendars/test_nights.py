"""Nights of other sites in the one calendar: conflicts, what comes back of our own, what is freed, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Notification
from bookings.services.status_changes import change_status
from core import clock
from core.errors import DomainError
from properties.models import CalendarEntry, ImportedCalendar, ImportedEvent, PastEntry
from tests.factories.accounts import client_of, make_user
from tests.factories.bookings import agreed, confirm_agreed_stays, make_hold
from tests.factories.bookings import day as march
from tests.factories.properties import make_entry, make_window
from tests.properties.calendars.writing import calendar, day, nights


def make_stay(home, first, last, guest=None):
    """A confirmed booking from the first to the last day, counted from today."""
    stay = agreed(home.row, guest or make_user("maya", first_name="Maya"), start_date=day(first), end_date=day(last))
    return confirm_agreed_stays([stay], now=clock.now())[0]


def follow(home, elsewhere, *events, path="/a.ics"):
    """A calendar of these events, added and read; its id."""
    elsewhere.pages[path] = calendar(*events)
    added = home.add(elsewhere.url(path))
    home.read()
    return added["id"]


def change(home, elsewhere, *events, path="/a.ics"):
    elsewhere.pages[path] = calendar(*events)
    home.read()


def told(home, kind="calendar.conflict"):
    return list(Notification.objects.filter(user=home.row.host, kind=kind).order_by("pk"))


def test_what_is_taken_blocks_like_a_block_of_the_hosts(home, elsewhere):
    follow(home, elsewhere, nights(5, 8))
    guest = client_of(make_user())
    stay = {"start_date": str(day(6)), "end_date": str(day(9)), "number_of_guests": 2}
    search = {"check_in": str(day(6)), "check_out": str(day(9))}
    assert guest.get("/api/properties/search/", search).data["results"] == []
    assert guest.get(f"/api/property/{home.row.pk}/quote/", stay | {"booking_type": "stay"}).data["available"] is False
    refusal = guest.post("/api/reserve/", stay | {"property_id": home.row.pk, "booking_type": "stay"})
    assert (refusal.status_code, refusal.data["code"]) == (409, "dates.taken")
    opened = guest.post(
        "/api/nego/start_negotiation_by_guest/",
        stay | {"property_id": home.row.pk, "booking_type": "stay", "guest_price": "100"},
    )
    assert (opened.status_code, opened.data["code"]) == (409, "dates.taken")
    span = {"start_date": str(day(5)), "end_date": str(day(6))}
    freed = home.api.post(f"/api/property/{home.row.pk}/mark_interval_available/", span)
    assert (freed.status_code, freed.data["code"]) == (409, "dates.taken")
    assert "remove that site's calendar" in freed.data["message"]
    assert home.taken() == [(5, 8)]


def test_an_open_haggle_goes_on_and_accepting_answers_taken(home, elsewhere):
    guest = client_of(make_user())
    stay = {"start_date": str(day(6)), "end_date": str(day(9)), "number_of_guests": 2, "booking_type": "stay"}
    opened = guest.post(
        "/api/nego/start_negotiation_by_guest/", stay | {"property_id": home.row.pk, "guest_price": "100"}
    )
    assert opened.status_code == 200, opened.data
    follow(home, elsewhere, nights(5, 8))
    path = f"/api/nego/update_status/{opened.data['id']}/"
    refusal = home.api.put(path, {"negotiation_status": "accepted"})
    assert (refusal.status_code, refusal.data["code"]) == (409, "dates.taken")
    details = guest.get(f"/api/nego/negotiation_details/{opened.data['id']}/").data
    assert details["negotiation"]["status"] == "open"


def test_removing_the_calendar_or_the_event_frees(home, elsewhere):
    first = follow(home, elsewhere, nights(5, 8), nights(12, 14, "b"))
    second = follow(home, elsewhere, nights(7, 10), path="/b.ics")
    assert home.taken() == [(5, 10), (12, 14)]
    change(home, elsewhere, nights(5, 8))
    assert home.taken() == [(5, 10)]
    assert home.api.delete(f"{home.path}{first}/").status_code == 204
    assert home.taken() == [(7, 10)]
    assert home.api.delete(f"{home.path}{first}/").status_code == 404
    assert home.api.delete(f"{home.path}{second}/").status_code == 204
    assert home.taken() == []


def test_a_night_agreed_here_is_never_touched_and_the_host_is_told_once(home, elsewhere):
    booking = make_stay(home, 6, 9)
    follow(home, elsewhere, nights(5, 8))
    conflict = {
        "booking": booking.pk, "start_date": str(day(6)), "end_date": str(day(9)), "event_start": str(day(5)),
        "event_end": str(day(8)),
    }  # fmt: skip
    assert home.shown()["conflicts"] == [conflict]
    home.read()
    [note] = told(home)
    assert (note.booking_id, note.property_id) == (booking.pk, home.row.pk)
    assert note.title == "Elsewhere also has a booking on nights of Maya's stay at Lake House"
    assert home.taken() == [(5, 9)]
    kinds = dict(CalendarEntry.objects.values_list("kind", "nights"))
    assert (kinds["stay"].lower, kinds["elsewhere"].upper) == (day(6), day(6))
    # Another event is another conflict; one that is over is forgotten, and told again where it comes again.
    change(home, elsewhere, nights(8, 11))
    assert len(told(home)) == 2
    change(home, elsewhere, nights(20, 21))
    assert home.shown()["conflicts"] == []
    change(home, elsewhere, nights(8, 11))
    assert len(told(home)) == 3
    # The guest cancels: the nights are the other site's at once.
    change_status(actor=booking.guest, booking_id=booking.pk, status="cancelled", now=clock.now())
    assert home.taken() == [(8, 11)]
    assert home.shown()["conflicts"] == []


def test_a_hold_stands_and_gives_way_when_it_is_over(home, elsewhere):
    later = clock.now() + timedelta(hours=1)
    hold = make_hold(home.row, make_user("rahim"), later, first=(day(6) - march(0)).days)
    follow(home, elsewhere, nights(5, 8))
    assert [one["booking"] for one in home.shown()["conflicts"]] == [hold.pk]
    assert home.taken() == [(5, 9)]
    CalendarEntry.objects.filter(kind="hold").update(held_until=clock.now())
    # A guest who asks for the nights first finds those of the other site taken.
    guest = client_of(make_user())
    stay = {"start_date": str(day(6)), "end_date": str(day(9)), "number_of_guests": 2, "booking_type": "stay"}
    refusal = guest.post("/api/reserve/", stay | {"property_id": home.row.pk})
    assert (refusal.status_code, refusal.data["code"]) == (409, "dates.taken")
    with pytest.raises(DomainError):
        make_stay(home, 7, 10, make_user("late"))
    free = {"start_date": str(day(8)), "end_date": str(day(9))}
    assert guest.post("/api/reserve/", stay | free | {"property_id": home.row.pk}).status_code == 201


def test_our_own_entries_come_back_and_take_nothing(home, elsewhere):
    booking = make_stay(home, 6, 9)
    entry = CalendarEntry.objects.get(kind="stay")
    [uid] = [line[4:] for line in home.feed() if line.startswith(f"UID:{entry.pk}@")]
    # By our UID, whatever its nights have become there; and by its nights, under a UID of the site's own.
    follow(home, elsewhere, nights(6, 10, uid), nights(6, 9, "own-uid@site.example"))
    assert (home.shown()["nights"], home.shown()["conflicts"], told(home)) == (0, [], [])
    change_status(actor=booking.guest, booking_id=booking.pk, status="cancelled", now=clock.now())
    home.read()
    assert home.taken() == []
    assert PastEntry.objects.get().entry_id == entry.pk
    # The site makes up new UIDs at each reading; and one that was never ours takes its nights.
    change(home, elsewhere, nights(6, 10, uid), nights(6, 9, "next-uid@site.example"), nights(6, 8, "theirs"))
    assert home.taken() == [(6, 8)]


def test_closed_nights_come_back_and_take_nothing(home, elsewhere):
    make_window(home.row, day(0), day(10))
    home.row.refresh_from_db()
    assert home.feed().count("SUMMARY:Not available") == 1
    [start] = [line for line in home.feed() if line.startswith("DTSTART")]
    assert start.endswith(f"{day(10):%Y%m%d}")
    last = (day(1096) - day(0)).days
    follow(home, elsewhere, nights(10, last, "made-up@site.example"), nights(4, 6, "theirs"))
    assert home.shown()["nights"] == 2
    span = {"start_date": str(day(10)), "end_date": str(day(20))}
    assert home.api.post(f"/api/property/{home.row.pk}/mark_interval_available/", span).status_code == 200
    assert home.taken() == [(4, 6)]


def test_an_event_that_was_there_before_a_block_of_the_same_nights_stays(home, elsewhere):
    follow(home, elsewhere, nights(5, 8, "one"))
    span = {"start_date": str(day(5)), "end_date": str(day(8))}
    assert home.api.post(f"/api/property/{home.row.pk}/block/", span).status_code == 200
    assert set(CalendarEntry.objects.values_list("kind", flat=True)) == {"block"}
    # A new UID for the same nights is the same event, seen long ago.
    change(home, elsewhere, nights(5, 8, "two"))
    assert home.api.post(f"/api/property/{home.row.pk}/mark_interval_available/", span).status_code == 200
    assert home.taken() == [(5, 8)]
    assert set(CalendarEntry.objects.values_list("kind", flat=True)) == {"elsewhere"}


def test_a_block_over_part_of_what_another_site_has(home, elsewhere):
    follow(home, elsewhere, nights(5, 8))
    span = {"start_date": str(day(7)), "end_date": str(day(10))}
    assert home.api.post(f"/api/property/{home.row.pk}/block/", span).status_code == 200
    assert home.taken() == [(5, 10)]
    assert CalendarEntry.objects.filter(kind="elsewhere").count() == 1
    home.api.delete(f"{home.path}{home.shown()['id']}/")
    assert home.taken() == [(7, 10)]


def test_our_feed_never_holds_what_came_from_elsewhere(home, elsewhere):
    follow(home, elsewhere, nights(5, 8))
    make_entry(home.row, day(20), day(22), "block")
    starts = [line.rpartition(":")[2] for line in home.feed() if line.startswith("DTSTART")]
    assert starts == [f"{day(20):%Y%m%d}", f"{day(731):%Y%m%d}"]


def test_nothing_of_a_guest_of_another_site_is_kept(home, elsewhere):
    follow(
        home,
        elsewhere,
        nights(5, 8, "invented.guest@mail.example", "SUMMARY:Invented Guest", "ATTENDEE:mailto:x@y.example"),
    )
    rows = [*ImportedEvent.objects.values(), *ImportedCalendar.objects.values(), *CalendarEntry.objects.values()]
    assert "nvented" not in str(rows)
    assert "nvented" not in str(home.shown())
