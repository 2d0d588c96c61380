"""What if two do this at once: real threads on the real database."""

from __future__ import annotations

from functools import partial

from accounts.models import Notification
from bookings.services.reserving import StayOrder, reserve_stay
from core import clock
from core.errors import DomainError
from properties.models import CalendarEntry, ImportedCalendar, ImportedEvent
from properties.rules.ical.reading import ForeignEvent, Reading
from properties.rules.spans import span_of
from properties.services.calendar_readings import claim_due, store_reading
from properties.services.imported_calendars import add_calendar, delete_calendar
from tests.factories.accounts import make_user
from tests.properties.calendars.writing import day
from tests.threads import at_once

URL = "https://site.example/a.ics"
EVENTS = Reading(1, (ForeignEvent(day(5), day(8), "theirs"),))


def store(due):
    return partial(store_reading, due, EVENTS, digest=b"", etag="", modified="", now=clock.now())


def add(home, name):
    return partial(
        add_calendar, property_id=home.row.pk, name=name, url=URL, actor=home.row.host, key=None, now=clock.now()
    )


def reserve(home, guest, first, last):
    order = StayOrder(home.row.pk, "stay", day(first), day(last), 1)
    return partial(reserve_stay, actor=guest, order=order, now=clock.now())


def spans(kind):
    found = CalendarEntry.objects.filter(kind=kind)
    return [tuple((one - day(0)).days for one in span_of(entry.nights)) for entry in found.order_by("nights")]


def test_two_readings_of_one_calendar_are_one(home):
    home.add(URL)
    [due] = claim_due(1, clock.now())
    at_once(store(due), store(due))
    assert ImportedEvent.objects.count() == 1
    assert spans("elsewhere") == [(5, 8)]


def test_a_reading_and_a_reservation_of_the_same_nights(home, rounds):
    for _ in range(rounds(3, 20)):
        home.add(URL)
        [due] = claim_due(1, clock.now())
        guest = make_user()
        booked = at_once(store(due), reserve(home, guest, 6, 9))[1]
        if booked == "dates.taken":
            assert (spans("hold"), spans("elsewhere")) == ([], [(5, 8)])
        else:
            assert (spans("hold"), spans("elsewhere")) == ([(6, 9)], [(5, 6)])
            assert Notification.objects.filter(kind="calendar.conflict", booking_id=booked).count() == 1
        ImportedCalendar.objects.all().delete()
        CalendarEntry.objects.all().delete()


def test_two_calendars_of_one_home_are_read_at_once(home):
    home.add(URL, "One")
    home.add(URL, "Two")
    at_once(*(store(due) for due in claim_due(2, clock.now())))
    assert (ImportedEvent.objects.count(), spans("elsewhere")) == (2, [(5, 8)])


def test_the_tenth_place_has_room_for_one(home):
    for n in range(9):
        home.add(URL, str(n))
    answers = at_once(add(home, "a"), add(home, "b"), add(home, "c"))
    assert sorted(map(str, answers)).count("calendar.limit_reached") == 2
    assert ImportedCalendar.objects.count() == 10


def test_a_calendar_that_is_removed_while_its_reading_is_stored(home):
    added = home.add(URL)
    [due] = claim_due(1, clock.now())
    remove = partial(
        delete_calendar, property_id=home.row.pk, calendar_id=added["id"], actor=home.row.host, now=clock.now()
    )
    at_once(store(due), remove)
    assert (ImportedCalendar.objects.count(), ImportedEvent.objects.count(), spans("elsewhere")) == (0, 0, [])


def test_a_crash_in_the_middle_of_a_reading_leaves_what_was(home, monkeypatch):
    home.add(URL)
    [due] = claim_due(1, clock.now())
    store(due)()
    ImportedCalendar.objects.update(due_at=clock.now(), last_read_at=None)
    [due] = claim_due(1, clock.now())

    def dies(*_):
        raise DomainError("unavailable")

    monkeypatch.setattr("properties.services.calendar_readings.retake_nights", dies)
    fresh = Reading(1, (ForeignEvent(day(20), day(21), "other"),))
    answer = at_once(partial(store_reading, due, fresh, digest=b"", etag="", modified="", now=clock.now()))
    assert answer == ["unavailable"]
    assert (ImportedEvent.objects.get().nights.lower, spans("elsewhere")) == (day(5), [(5, 8)])
