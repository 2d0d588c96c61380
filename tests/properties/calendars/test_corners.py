"""Calendars as few sites write them: another encoding, periods, changes of all that follows, rules that end on a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from core.outbound.public_addresses import literal_address
from properties.rules.ical import occurrences
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.zones import Zones
from properties.rules.reading_times import Pace, is_told
from tests.properties.calendars.test_dialects import DHAKA, spans
from tests.properties.calendars.writing import calendar, event

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WEEKLY = ("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202", "RRULE:FREQ=WEEKLY;COUNT=3")


def test_a_file_in_utf_16_is_read():
    assert spans(calendar(event(*WEEKLY)).decode().encode("utf-16")) == ["1201-1202", "1208-1209", "1215-1216"]


def test_a_calendar_that_takes_its_events_back_takes_no_nights():
    assert spans(calendar(event(*WEEKLY), head=("METHOD:CANCEL",))) == []


def test_a_change_may_be_of_all_that_follows():
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261208",
        "DTSTART;VALUE=DATE:20261209",
        "DTEND;VALUE=DATE:20261211",
    )
    assert "1209-1211" in spans(calendar(event(*WEEKLY), later))


@pytest.mark.parametrize("end", ["20261210T120000Z", "P1DT22H"])
def test_further_times_may_be_periods(end):
    start = ("DTSTART:20261201T140000Z", "DTEND:20261202T040000Z")
    assert "1201-1202" in spans(calendar(event(*start, f"RDATE;VALUE=PERIOD:20261208T140000Z/{end}")))


def test_a_rule_of_times_that_ends_on_a_day_counts_that_day():
    start = ("DTSTART:20261201T160000", "DTEND:20261202T100000")
    assert spans(calendar(event(*start, "RRULE:FREQ=WEEKLY;UNTIL=20261208"))) == ["1201-1202", "1208-1209"]


@pytest.mark.parametrize("last", ["235959", "235900"])
def test_a_day_that_ends_with_its_last_minute_ends_there(last):
    assert spans(calendar(event("DTSTART:20261201T000000", f"DTEND:20261204T{last}"))) == ["1201-1205"]


def busy(*lines):
    return ["BEGIN:VFREEBUSY", "UID:all@elsewhere.example", "DTSTART:20261101T000000Z", *lines, "END:VFREEBUSY"]


def test_busy_times_without_events_take_their_nights():
    times = busy(
        "FREEBUSY;FBTYPE=BUSY:20261201T090000Z/20261203T050000Z,20261208T090000Z/PT20H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261212T090000Z/P1D",
        "FREEBUSY;FBTYPE=FREE:20261220T090000Z/P3D",
    )
    assert spans(calendar(times)) == ["1201-1203", "1208-1209", "1212-1214"]


@pytest.mark.parametrize("period", ["99991230T000000Z/99991231T235959Z", "00010101T000000Z/P1D"])
def test_busy_times_at_the_end_of_the_calendar_take_no_night_that_is_let(period):
    assert spans(calendar(busy(f"FREEBUSY:{period}"))) == []


def test_a_guests_name_closes_no_event():
    name = "SUMMARY:Rahim\rEND:VEVENT\rBEGIN:VEVENT\rUID:b\rDTSTART;VALUE=DATE:20261224"
    body = calendar(event(name, "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203"))
    assert spans(body) == ["1201-1203"]
    assert spans(calendar(event(*WEEKLY), newline="\r")) == ["1201-1202", "1208-1209", "1215-1216"]


def test_blanks_round_a_value_and_properties_without_one_do_no_harm():
    days = ("DTSTART;VALUE=DATE: 20261201 ", "DTEND;VALUE=DATE:\t20261203", "RRULE:", "EXDATE:", "DURATION:")
    assert spans(calendar(event(*days))) == ["1201-1203"]


@pytest.mark.parametrize("rule", ["COUNT=3", "FREQ=DAILY;COUNT=0", "D1 #5"])
def test_a_rule_that_says_too_little_is_no_rule(rule):
    with pytest.raises(CalendarProblem, match="unreadable_rule"):
        spans(calendar(event("DTSTART;VALUE=DATE:20261201", f"RRULE:{rule}")))


class Useless(dict):
    """A definition of a zone at which the library fails."""

    def to_tz(self, **_):
        raise ValueError("no offset")


def test_a_zone_that_says_nothing_usable_is_the_homes():
    home = ZoneInfo("Asia/Dhaka")
    parsed = SimpleNamespace(walk=lambda kind: [Useless(TZID="Somewhere")])
    assert Zones(parsed, home).named("Somewhere") is home


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (calendar(event(*WEEKLY), head=("METHOD",)), "unreadable"),
        (calendar(event(*WEEKLY)).replace(b"END:VCALENDAR\r\n", b""), "cut_off"),
        (calendar(event("DTSTART;VALUE=TIME:120000")), "unreadable_event 1"),
        (calendar(busy("FREEBUSY:soon")), "unreadable"),
        (calendar(event(*WEEKLY), busy("FREEBUSY;VALUE=DATE:20261201")), "unreadable_event 2"),
        (calendar(busy("FREEBUSY;VALUE=TEXT:soon")), "unreadable_event 1"),
        (calendar(["BEGIN:VEVENT"] * 20, ["END:VEVENT"] * 20), "unreadable"),
    ],
)
def test_what_can_not_be_read_is_named(body, problem):
    with pytest.raises(CalendarProblem) as refusal:
        spans(body)
    assert str(refusal.value) == problem


def test_more_dates_than_can_be_kept_are_too_many(monkeypatch):
    monkeypatch.setattr(occurrences, "MOST_OCCURRENCES", 2)
    with pytest.raises(CalendarProblem) as refusal:
        occurrences.read_feed(calendar(event(*WEEKLY)), DHAKA)
    assert str(refusal.value) == "too_many_dates 2"


def test_a_rule_at_which_the_library_fails_is_named(monkeypatch):
    def fail(*_):
        raise LookupError

    monkeypatch.setattr(occurrences.recurring_ical_events, "of", fail)
    with pytest.raises(CalendarProblem) as refusal:
        spans(calendar(event(*WEEKLY)))
    assert str(refusal.value).startswith("unreadable_rule")


@pytest.mark.parametrize("host", ["999.999", "0x1.0x2.0x3.0x4.0x5", "1.2.3.4.5"])
def test_numbers_that_are_no_address_are_a_name(host):
    assert literal_address(host) is None


@pytest.mark.parametrize(("hours", "told"), [(23, False), (24, True), (25, True)])
def test_a_host_is_told_once_a_calendar_has_failed_for_so_long(hours, told):
    pace = Pace(timedelta(minutes=15), timedelta(minutes=10), timedelta(hours=24))
    assert is_told(NOW, NOW - timedelta(hours=hours), pace) is told
