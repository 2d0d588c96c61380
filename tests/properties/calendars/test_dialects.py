"""What other sites write, as nights at a home in Dhaka: arrival at 14:00, departure by 11:00, today 27 November 2026."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from properties.rules.ical.limits import MOST_EVENTS
from properties.rules.ical.nights import Place
from properties.rules.ical.occurrences import read_feed
from properties.rules.ical.problems import CalendarProblem
from tests.properties.calendars.writing import calendar, event

DHAKA = Place("Asia/Dhaka", time(14), time(11), date(2026, 11, 27))
FOLDER = Path(__file__).parent / "dialects"


def spans(body: bytes, place: Place = DHAKA) -> list[str]:
    """The nights as "1201-1203", first night to check-out day."""
    return [f"{one.start:%m%d}-{one.end:%m%d}" for one in read_feed(body, place).events]


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("airbnb", 2, ["1201-1204", "1208-1210"]),
        ("booking_com", 2, ["1205-1207", "1220-1221"]),
        ("vrbo", 2, ["1211-1214", "1224-1225"]),
        ("google", 5, ["1202-1204", "1209-1210", "1225-1226"]),
        ("outlook", 3, ["1203-1205", "1215-1216"]),
        ("channel_manager", 4, ["1202-1205", "1209-1211", "1221-1223"]),
    ],
)
def test_each_site_in_its_dialect(name, count, expected):
    body = (FOLDER / f"{name}.ics").read_bytes()
    for written in (body, body.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + body, body.replace(b"\n", b"\r")):
        assert read_feed(written, DHAKA).count == count
        assert spans(written) == expected


ONE_DAY = ("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202")
DAILY_PRIVATE_ZONE = (
    "BEGIN:VTIMEZONE", "TZID:{name}", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:{offset}",
    "TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Days: half-open; without an end, or with one that is the start, one night.
        (("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203"), ["1201-1203"]),
        (("DTSTART;VALUE=DATE:20261201",), ["1201-1202"]),
        (("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261201"), ["1201-1202"]),
        (("DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261201"), ["1203-1204"]),
        (("DTSTART:20261201", "DTEND:20261203"), ["1201-1203"]),
        (("DTSTART;VALUE=DATE:20261201", "DURATION:P2D"), ["1201-1203"]),
        (("DTSTART;VALUE=DATE:20261201", "DURATION:PT36H"), ["1201-1203"]),
        (("DTSTART;VALUE=DATE:20261126", "DTEND;VALUE=DATE:20261128"), ["1126-1128"]),
        (("DTSTART;VALUE=DATE:20261125", "DTEND;VALUE=DATE:20261127"), []),
        # Times of the wall are the home's: a stay's hours, a clean between two stays, an hour in the night.
        (("DTSTART:20261201T140000", "DTEND:20261203T110000"), ["1201-1203"]),
        (("DTSTART:20261201T110000", "DTEND:20261201T140000"), []),
        (("DTSTART:20261201T110000", "DTEND:20261201T140001"), ["1201-1202"]),
        (("DTSTART:20261201T105959", "DTEND:20261201T140000"), ["1130-1201"]),
        (("DTSTART:20261201T090000", "DTEND:20261201T100000"), ["1130-1201"]),
        (("DTSTART:20261201T230000", "DURATION:PT1H"), ["1201-1202"]),
        (("DTSTART:20261201T150000",), ["1201-1202"]),
        (("DTSTART:20261201T120000",), []),
        # From midnight to midnight of its own zone is whole days, whichever zone that is.
        (("DTSTART:20261201T000000", "DTEND:20261203T000000"), ["1201-1203"]),
        (("DTSTART:20261201T000000",), ["1201-1202"]),
        (("DTSTART:20261201T000000Z", "DTEND:20261203T000000Z"), ["1201-1203"]),
        (("DTSTART;TZID=America/New_York:20261201T000000", "DTEND;TZID=America/New_York:20261203T000000"), ["1201-1203"]),
        # 18:00 in Greenwich is midnight in Dhaka, but not of the event's own zone.
        (("DTSTART:20261130T180000Z", "DTEND:20261202T180000Z"), ["1130-1203"]),
        # Known zones in any name of theirs; an unknown one is the home's; a Z is Greenwich whatever TZID says.
        (("DTSTART;TZID=Europe/Paris:20261201T090000", "DTEND;TZID=Europe/Paris:20261203T060000"), ["1201-1203"]),
        (("DTSTART;TZID=europe/paris:20261201T090000", "DTEND;TZID=/x.org/Europe/Paris:20261203T060000"), ["1201-1203"]),
        (('DTSTART;TZID="Romance Standard Time":20261201T090000', "DURATION:P1DT21H"), ["1201-1203"]),
        (("DTSTART;TZID=Customized Time Zone:20261201T140000", "DURATION:P1DT21H"), ["1201-1203"]),
        (("DTSTART;TZID=America/New_York:20261201T080000Z", "DTEND:20261203T050000Z"), ["1201-1203"]),
        # One end a day, the other a time: the day is the arrival's or the departure's.
        (("DTSTART;VALUE=DATE:20261201", "DTEND:20261203T110000"), ["1201-1203"]),
        (("DTSTART:20261201T140000", "DTEND;VALUE=DATE:20261203"), ["1201-1203"]),
        (("DTSTART;VALUE=DATE:20261201", "DTEND:20261201T090000"), ["1201-1202"]),
        # What takes nothing.
        ((*ONE_DAY, "STATUS:CANCELLED"), []),
        ((*ONE_DAY, "status:Cancelled"), []),
        ((*ONE_DAY, "TRANSP:TRANSPARENT"), []),
        ((*ONE_DAY, "STATUS:TENTATIVE", "TRANSP:OPAQUE"), ["1201-1202"]),
        # What repeats.
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=3"), ["1201-1202", "1208-1209", "1215-1216"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;VALUE=DATE:20261208"), ["1201-1202", "1215-1216"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261208T000000Z"), ["1201-1202", "1215-1216"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261207T180000Z"), ["1201-1202", "1215-1216"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;UNTIL=20261208"), ["1201-1202", "1208-1209"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;UNTIL=20261208T000000Z"), ["1201-1202", "1208-1209"]),
        ((*ONE_DAY, "RRULE:FREQ=WEEKLY;UNTIL=20261207T180000Z"), ["1201-1202", "1208-1209"]),
        ((*ONE_DAY, "RDATE;VALUE=DATE:20261210,20261212"), ["1201-1202", "1210-1211", "1212-1213"]),
        (
            ("DTSTART;TZID=America/New_York:20261201T220000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20261208T220000"),
            ["1201-1202", "1208-1209"],
        ),
        (
            ("DTSTART:20261201T150000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261202"),
            ["1201-1202", "1203-1204"],
        ),
        (
            ("DTSTART:20261201T150000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261202T090000Z"),
            ["1201-1202", "1203-1204"],
        ),
        # Years that nobody reckons with.
        (("DTSTART;VALUE=DATE:16040229", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3;COUNT=424"), ["1203-1204", "1203-1204"]),
        (("DTSTART;VALUE=DATE:99991231",), []),
        (("DTSTART:99991231T230000Z", "DTEND:99991231T235959Z"), []),
        (("DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:00010102"), []),
    ],
)  # fmt: skip
def test_which_nights_an_event_takes(lines, expected):
    assert spans(calendar(event(*lines))) == expected


def test_the_changes_of_a_series():
    series = event(*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=5")
    gone = event("RECURRENCE-ID;VALUE=DATE:20261208", "DTSTART;VALUE=DATE:20261208", "STATUS:CANCELLED")
    moved = event("RECURRENCE-ID:20261214T180000Z", "DTSTART;VALUE=DATE:20261217", "DTEND;VALUE=DATE:20261219")
    free = event("RECURRENCE-ID;VALUE=DATE:20261222", "DTSTART;VALUE=DATE:20261222", "TRANSP:TRANSPARENT")
    assert spans(calendar(series, gone, moved, free)) == ["1201-1202", "1217-1219", "1229-1230"]
    # A change whose series is not in the file is an event; two series under one UID are two.
    assert spans(calendar(moved)) == ["1217-1219"]
    other = event("DTSTART;VALUE=DATE:20261202", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert spans(calendar(event(*ONE_DAY, "RRULE:FREQ=WEEKLY;COUNT=2"), other)) == [
        "1201-1202", "1202-1203", "1208-1209", "1209-1210"
    ]  # fmt: skip


def test_what_repeats_for_ever_counts_two_years_ahead():
    found = read_feed(calendar(event(*ONE_DAY, "RRULE:FREQ=DAILY")), DHAKA).events
    assert (found[0].start, found[-1].start) == (date(2026, 12, 1), date(2028, 11, 26))
    assert spans(calendar(event("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:99991231"))) == ["1201-1127"]


def test_a_files_own_zone_holds_for_that_file_only_and_before_the_known_ones():
    times = ("DTSTART;TZID={name}:20261201T050000", "DTEND;TZID={name}:20261203T020000")

    def body(name: str, offset: str) -> bytes:
        zone = [line.format(name=name, offset=offset) for line in DAILY_PRIVATE_ZONE]
        return calendar(zone, event(*(line.format(name=name) for line in times)))

    # 05:00 three hours west of Greenwich is 14:00 in Dhaka.
    assert spans(body("Home Time", "-0300")) == ["1201-1203"]
    assert spans(body("Home Time", "+0600")) == ["1130-1203"]
    assert spans(body("Asia/Dhaka", "-0300")) == ["1201-1203"]
    assert spans(calendar(event(*(line.format(name="Home Time") for line in times)))) == ["1130-1203"]
    # Of two calendars in one file each has its own.
    assert spans(body("Home Time", "-0300") + body("Home Time", "+0600")) == ["1130-1203", "1201-1203"]


def test_the_calendars_own_zone_is_for_times_in_greenwich_and_never_for_those_of_the_wall():
    head = ("X-WR-TIMEZONE:Asia/Tokyo",)
    whole_days = event("DTSTART:20261130T150000Z", "DTEND:20261202T150000Z")
    assert spans(calendar(whole_days, head=head)) == ["1201-1203"]
    wall = event("DTSTART:20261201T140000", "DTEND:20261203T110000")
    assert spans(calendar(wall, head=head)) == ["1201-1203"]
    assert spans(calendar(whole_days, head=("X-WR-TIMEZONE:Nowhere/Land",))) == ["1130-1203"]


def test_the_hours_are_the_homes_own():
    evening = Place("Europe/Paris", time(18), time(9), date(2026, 11, 27))
    assert spans(calendar(event("DTSTART:20261201T093000", "DTEND:20261201T173000")), evening) == []
    assert spans(calendar(event("DTSTART:20261201T173000", "DTEND:20261201T183000")), evening) == ["1201-1202"]


def test_a_fold_within_a_letter_and_text_of_another_time():
    body = calendar(event(*ONE_DAY)).replace(b"SION:2.0", b"SION:2.0\r\nX-WR-CALNAME:Caf\xc3\r\n \xa9")
    assert spans(body) == ["1201-1202"]
    assert spans(calendar(event(*ONE_DAY, "SUMMARY:Caf\xe9")).decode().encode("cp1252")) == ["1201-1202"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not_a_calendar"),
        (b"<!doctype html><title>Log in</title>", "not_a_calendar"),
        (calendar(event(*ONE_DAY))[:-20], "cut_off"),
        (calendar(event(*ONE_DAY)).replace(b"END:VEVENT", b"END:VTODO"), "cut_off"),
        (calendar(event("DTSTART:soon")), "unreadable_event 1"),
        (calendar(event(*ONE_DAY), event("DTEND;VALUE=DATE:20261201")), "unreadable_event 2"),
        (calendar(event(*ONE_DAY, "RRULE:FREQ=SOMETIMES")), "unreadable_event 1"),
        (calendar(*([event(*ONE_DAY)] * (MOST_EVENTS + 1))), f"too_many_events {MOST_EVENTS}"),
        (b"X" * (2 * 2**20 + 1), "too_large 2"),
        (calendar(["BEGIN:VEVENT"] * 20, ["END:VEVENT"] * 20), "unreadable"),
    ],
)
def test_what_can_not_be_read_is_named(body, problem):
    with pytest.raises(CalendarProblem) as refusal:
        read_feed(body, DHAKA)
    assert str(refusal.value) == problem


def test_an_empty_calendar_and_one_of_five_thousand_events_are_read():
    assert read_feed(calendar(), DHAKA).count == 0
    many = [
        event(f"DTSTART;VALUE=DATE:{2027 + n // 12 % 2}{n % 12 + 1:02}{n % 28 + 1:02}", uid=str(n))
        for n in range(MOST_EVENTS)
    ]
    assert read_feed(calendar(*many), DHAKA).count == MOST_EVENTS
