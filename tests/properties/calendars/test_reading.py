"""From an address or a file to nights that are taken, through the doors and the lane, on a real server and database."""

from __future__ import annotations

import asyncio
from datetime import date, time, timedelta
from io import BytesIO

import pytest

from accounts.models import Notification
from core import clock
from properties.importing import interpreter
from properties.importing.lane import drain
from properties.models import CalendarEntry, ImportedCalendar, ImportedEvent
from properties.rules.ical.nights import Place
from properties.rules.ical.occurrences import read_feed
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.reading import Reading
from properties.services.calendar_readings import claim_due, store_reading, store_unchanged
from tests.factories.accounts import client_of, make_user
from tests.factories.properties import make_property
from tests.properties.calendars.feed_server import tagged
from tests.properties.calendars.writing import calendar, day, nights

DAY = timedelta(days=1)


def upload(home, body, name="Phone", file="a.ics"):
    sent = BytesIO(body)
    sent.name = file
    return home.api.post(home.path, {"name": name, "file": sent}, format="multipart")


def test_an_address_is_read_and_its_nights_are_taken(home, elsewhere):
    elsewhere.pages["/a.ics"] = calendar(nights(5, 8), nights(20, 22, "b"), nights(-9, -2, "past"))
    added = home.add(elsewhere.url())
    assert (added["status"], added["last_read_at"], added["events"]) == ("waiting", None, 0)
    drain()
    shown = home.shown()
    assert (shown["status"], shown["events"], shown["nights"], shown["conflicts"]) == ("good", 3, 5, [])
    assert (shown["last_error"], shown["url"]) == (None, elsewhere.url())
    assert shown["next_read_at"] > shown["last_read_at"]
    assert home.taken() == [(5, 8), (20, 22)]
    assert set(CalendarEntry.objects.values_list("kind", flat=True)) == {"elsewhere"}
    assert ImportedEvent.objects.count() == 2
    drain()
    assert len(elsewhere.asked) == 1  # not due again yet
    again = home.api.post(f"{home.path}{added['id']}/refresh/")
    assert (again.status_code, again.data["id"]) == (202, added["id"])
    drain()
    assert len(elsewhere.asked) == 2


def test_what_has_not_changed_is_not_understood_twice_but_each_day_anew(home, elsewhere):
    elsewhere.pages["/a.ics"] = tagged(calendar(nights(5, 8)))
    home.add(elsewhere.url())
    home.read()
    home.read()
    assert "If-None-Match" in elsewhere.asked[1][1]
    assert home.taken() == [(5, 8)]
    # Other hours at the home, as another day, mean other nights: the whole file is asked for.
    home.row.check_in_from = "15:00"
    home.row.save()
    home.read()
    assert "If-None-Match" not in elsewhere.asked[2][1]
    assert (home.shown()["status"], home.taken()) == ("good", [(5, 8)])


def test_a_file_is_read_at_once_and_replaced_under_its_name(home):
    first = upload(home, calendar(nights(5, 8)))
    assert (first.status_code, first.data["status"], first.data["nights"], first.data["url"]) == (201, "good", 3, None)
    assert first.data["next_read_at"] is None
    assert home.taken() == [(5, 8)]
    again = upload(home, calendar(nights(10, 11)))
    assert (again.status_code, again.data["id"]) == (200, first.data["id"])
    assert home.taken() == [(10, 11)]
    assert upload(home, calendar(), "Other").status_code == 201
    assert upload(home, calendar(), "").data["name"] == "a.ics"
    # What repeats in it comes nearer: it is read again by itself.
    home.read()
    assert home.taken() == [(10, 11)]
    # A file that is empty was meant so.
    assert upload(home, calendar()).data["events"] == 0
    assert home.taken() == []


@pytest.mark.parametrize(
    ("body", "status", "code", "word"),
    [
        (b"<html>", 400, "invalid", "no calendar"),
        (b"", 400, "invalid", "no calendar"),
        (calendar(nights(1, 2))[:-30], 400, "invalid", "in the middle"),
        (calendar(*([nights(1, 2)] * 5001)), 400, "invalid", "5000 events"),
        (b"X" * (2 * 2**20 + 1), 413, "too_large", "2 MB"),
    ],
)
def test_files_that_are_refused(home, body, status, code, word):
    refusal = upload(home, body)
    assert (refusal.status_code, refusal.data["code"]) == (status, code)
    assert word in refusal.data["fields"]["file"][0]
    assert home.api.get(home.path).data == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A", "url": "ftp://site.example/a.ics"}, "url"),
        ({"name": "A", "url": "webcal://site.example/a.ics"}, "url"),
        ({"name": "A", "url": "http://127.0.0.1/a.ics"}, "url"),
        ({"name": "A", "url": "http://[::1]/a.ics"}, "url"),
        ({"name": "A", "url": "http://2130706433/"}, "url"),
        ({"name": "A"}, "url"),
        ({"name": "A", "url": ["x"]}, "url"),
        ({"name": "A" * 101, "url": "https://site.example/"}, "name"),
        ({"name": "A", "url": "https://site.example/\u0000"}, "url"),
    ],
)
def test_addresses_that_are_refused_at_once(home, body, field):
    refusal = home.api.post(home.path, body)
    assert (refusal.status_code, refusal.data["code"]) == (400, "invalid")
    assert refusal.data["fields"][field]


def test_ten_a_home(home):
    for n in range(10):
        home.add("https://site.example/a.ics", f"Site {n}")
    refusal = home.api.post(home.path, {"name": "One more", "url": "https://site.example/a.ics"})
    assert (refusal.status_code, refusal.data["code"]) == (409, "calendar.limit_reached")
    assert upload(home, calendar()).status_code == 409
    assert [one["name"] for one in home.api.get(home.path).data] == [f"Site {n}" for n in reversed(range(10))]


def test_the_same_command_adds_once(home):
    for _ in range(2):
        answer = home.api.post(home.path, {"name": "A", "url": "https://site.example/"}, HTTP_IDEMPOTENCY_KEY="k-1")
        assert answer.status_code == 201
    assert ImportedCalendar.objects.count() == 1


def test_nobody_else_knows_of_them(home):
    added = home.add("https://site.example/a.ics")
    for stranger in (client_of(make_user(is_host=True)), client_of(make_user(is_staff=True))):
        one = f"{home.path}{added['id']}/"
        answers = [
            stranger.get(home.path), stranger.post(home.path, {"url": "https://x.example"}), stranger.delete(one),
            stranger.post(f"{one}refresh/"),
        ]  # fmt: skip
        assert {(a.status_code, a.data["code"]) for a in answers} == {(404, "not_found")}
    other = make_property(home.row.host)
    assert home.api.delete(f"/api/property/{other.pk}/calendars/{added['id']}/").status_code == 404


def test_a_calendar_that_fails_keeps_its_nights_and_the_host_is_told_after_a_day(home, elsewhere):
    elsewhere.pages["/a.ics"] = calendar(nights(5, 8))
    added = home.add(elsewhere.url())
    home.read()
    elsewhere.pages.clear()
    home.read()
    shown = home.shown()
    assert (shown["status"], home.taken()) == ("failing", [(5, 8)])
    assert shown["last_error"].startswith("The server answered 404.")
    assert not Notification.objects.exists()
    ImportedCalendar.objects.update(last_read_at=clock.now() - DAY)
    home.read()
    home.read()
    [note] = Notification.objects.all()
    assert (note.kind, note.property_id, note.user) == ("calendar.failed", home.row.pk, home.row.host)
    elsewhere.pages["/a.ics"] = calendar(nights(6, 8))
    home.read()
    assert (home.shown()["status"], home.shown()["last_error"], home.taken()) == ("good", None, [(6, 8)])
    assert added["id"] == home.shown()["id"]


def test_one_that_is_empty_now_is_believed_the_second_time(home, elsewhere):
    elsewhere.pages["/a.ics"] = calendar(nights(5, 8))
    home.add(elsewhere.url())
    home.read()
    elsewhere.pages["/a.ics"] = tagged(calendar())
    home.read()
    home.read()
    assert (home.shown()["events"], home.taken()) == (1, [(5, 8)])
    assert "empty" in home.shown()["last_error"]
    ImportedCalendar.objects.update(empty_since=clock.now() - timedelta(minutes=10))
    home.read()
    assert (home.shown()["events"], home.shown()["last_error"], home.taken()) == (0, None, [])
    elsewhere.pages["/a.ics"] = calendar(nights(5, 6))
    home.read()
    assert home.taken() == [(5, 6)]


def test_a_file_that_can_not_be_understood_harms_no_other(home, elsewhere):
    """A rule that never comes about keeps a library busy; whatever it does, the next file is read."""
    bad = calendar(nights(1, 2, "x", "RRULE:FREQ=WEEKLY;BYDAY=XX"))
    elsewhere.pages |= {"/bad.ics": bad, "/good.ics": calendar(nights(5, 8))}
    home.add(elsewhere.url("/bad.ics"), "Bad")
    home.add(elsewhere.url("/good.ics"), "Good")
    home.read()
    assert [one["status"] for one in home.api.get(home.path).data] == ["good", "failing"]
    assert home.taken() == [(5, 8)]


def test_a_claimed_calendar_is_one_readers_and_comes_back_when_that_one_dies(home):
    home.add("https://site.example/a.ics")
    now = clock.now()
    [due] = claim_due(10, now)
    assert claim_due(10, now) == []
    assert [one.id for one in claim_due(10, now + timedelta(seconds=61))] == [due.id]


def test_a_calendar_removed_while_it_is_read_leaves_nothing(home):
    added = home.add("https://site.example/a.ics")
    [due] = claim_due(10, clock.now())
    assert home.api.delete(f"{home.path}{added['id']}/").status_code == 204
    store_reading(due, Reading(1, ()), digest=b"", etag="", modified="", now=clock.now())
    store_unchanged(due, clock.now())
    assert not ImportedCalendar.objects.exists()


def test_asking_while_it_is_read_reads_it_again(home):
    added = home.add("https://site.example/a.ics")
    [due] = claim_due(10, clock.now())
    home.api.post(f"{home.path}{added['id']}/refresh/")
    store_reading(due, Reading(0, ()), digest=b"", etag="", modified="", now=clock.now())
    assert [one.id for one in claim_due(10, clock.now())] == [due.id]


def test_a_closed_account_has_nothing_read(home, elsewhere):
    home.add(elsewhere.url())
    home.row.host.is_active = False
    home.row.host.save()
    assert home.read() is None
    assert elsewhere.asked == []


def test_the_nights_are_those_from_today_on(home):
    shown = upload(home, calendar(nights(-3, 2), nights(1, 4, "b"))).data
    assert (shown["events"], shown["nights"]) == (2, 4)
    assert home.taken() == [(0, 4)]
    assert day(4) > day(0)


def test_an_answer_that_is_too_long_is_no_part_of_the_next_files(monkeypatch):
    """What is left of it must not be taken for what another home's file says."""
    monkeypatch.setattr(interpreter, "ANSWER_BYTES", 2000)
    place = Place("Asia/Dhaka", time(14), time(11), date(2027, 1, 1))
    bodies = [ics("u" * 60 + str(n), date(2027, 2, n), repeats=90 if n == 1 else 1) for n in (1, 2, 3)]

    async def read():
        reader = interpreter.Interpreter()
        with pytest.raises(CalendarProblem, match="too_slow"):
            await reader.interpret(bodies[0], place)
        found = [await reader.interpret(body, place) for body in bodies[1:]]
        await reader.end()
        return found

    others = asyncio.run(read())
    assert [[event.start.day for event in one.events] for one in others] == [[2], [3]]
    [event] = read_feed(ics("u" * 10_000, date(2027, 2, 1)), place).events
    assert len(event.uid) == 64


def ics(uid, first, *, repeats=1):
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", f"UID:{uid}", f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"RRULE:FREQ=DAILY;COUNT={repeats}", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def test_a_file_that_keeps_its_reader_busy_costs_that_reader_only(home, elsewhere, monkeypatch):
    """Its process is killed; the next file finds another one. So too for an upload."""
    monkeypatch.setattr(interpreter, "SECONDS", 0.01)
    elsewhere.pages["/a.ics"] = calendar(nights(5, 8))
    home.add(elsewhere.url())
    home.read()
    assert home.shown()["last_error"].startswith("The calendar takes too long")
    assert upload(home, calendar(nights(5, 8))).data["fields"]["file"][0].startswith("The calendar takes too long")
    monkeypatch.undo()
    home.read()
    assert home.taken() == [(5, 8)]
