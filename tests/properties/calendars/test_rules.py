"""The small rules: what comes back of our own, when a calendar is read next, which nights are closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from properties.rules import reading_times
from properties.rules.closures import closed_nights
from properties.rules.echoes import OwnEntry, OwnFeed
from properties.rules.reading_times import Pace

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PACE = Pace(15 * MINUTE, 10 * MINUTE, 24 * HOUR)
TODAY = date(2026, 11, 27)


def day(n: int) -> date:
    return TODAY + timedelta(n)


STAY = (day(5), day(8))


@pytest.mark.parametrize(
    ("uid", "nights", "seen", "expected"),
    [
        ("7@stay.example", (day(1), day(2)), NOW, True),  # ours by its UID, whatever nights it has now
        (" 7@STAY.example ", STAY, NOW, True),
        ("8@stay.example", (day(1), day(2)), NOW, False),  # of another home of ours: taken there, so not free here
        ("7@other.example", (day(1), day(2)), NOW, False),
        ("closed-3-20261127@stay.example", (day(1), day(2)), NOW, True),
        ("closed-4-20261127@stay.example", (day(1), day(2)), NOW, False),
        ("x@site.example", STAY, NOW, True),  # exactly the nights of a stay that was in our feed before
        ("x@site.example", STAY, NOW - 3 * HOUR, False),  # it was there before our stay
        ("x@site.example", (day(5), day(9)), NOW, False),
        ("x@site.example", (day(10), day(12)), NOW + HOUR, True),  # given up, and still shown there
        ("x@site.example", (day(10), day(12)), NOW + 30 * HOUR, False),  # given up long before: somebody else's
    ],
)
def test_what_comes_back_of_our_own(uid, nights, seen, expected):
    kept = OwnEntry(STAY, NOW - 2 * HOUR)
    gone = OwnEntry((day(10), day(12)), NOW - 9 * HOUR, NOW)
    feed = OwnFeed(3, "stay.example", frozenset({7, 9}), [kept, gone])
    assert feed.is_echo(uid, nights, seen) is expected


@pytest.mark.parametrize(
    ("failures", "since", "expected"),
    [
        (1, NOW - MINUTE, 30 * MINUTE),
        (2, NOW - HOUR, HOUR),
        (4, NOW - 5 * HOUR, 4 * HOUR),
        (9, NOW - 10 * HOUR, 6 * HOUR),
        (40, NOW - 10 * HOUR, 6 * HOUR),
        (5, NOW - 23 * HOUR, HOUR),  # not past the moment at which the host is told
        (9, NOW - 25 * HOUR, 6 * HOUR),
    ],
)
def test_a_calendar_that_fails_is_asked_less_often(failures, since, expected):
    assert reading_times.after_failure(NOW, failures, since, PACE, 0.5) == NOW + expected


def test_readings_drift_apart():
    assert reading_times.after_success(NOW, PACE, 0.0) == NOW + 13.5 * MINUTE
    assert reading_times.after_success(NOW, PACE, 1.0) == NOW + 16.5 * MINUTE


def test_an_empty_calendar_is_believed_the_second_time_some_time_later():
    assert not reading_times.believes_empty(NOW, None, PACE)
    assert not reading_times.believes_empty(NOW, NOW - 9 * MINUTE, PACE)
    assert reading_times.believes_empty(NOW, NOW - 10 * MINUTE, PACE)
    assert reading_times.after_empty(NOW, NOW, PACE, 0.5) == NOW + 10 * MINUTE
    assert reading_times.after_empty(NOW, NOW - 4 * MINUTE, PACE, 0.5) == NOW + 6 * MINUTE


@pytest.mark.parametrize(
    ("listed", "notice", "windows", "expected"),
    [
        (True, 0, None, [(731, 1096)]),
        (True, 2, None, [(0, 2), (731, 1096)]),
        (False, 0, None, [(0, 1096)]),
        (True, 0, [], [(0, 1096)]),
        (True, 1, [(day(-5), day(10)), (day(20), day(900))], [(0, 1), (10, 20), (731, 1096)]),
    ],
)
def test_closed_nights(listed, notice, windows, expected):
    closed = closed_nights(today=TODAY, is_listed=listed, notice_days=notice, windows=windows)
    assert [((a - TODAY).days, (b - TODAY).days) for a, b in closed] == expected
