"""How many nights a stay has at the least, which season it arrives in, and which windows it lies in."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D

import pytest

from properties.rules.seasons import overlaid
from properties.rules.terms import (
    SeasonPrice,
    check_in_at,
    check_out_at,
    fills_gap,
    inside_windows,
    least_nights,
    local_today,
    price_night,
)
from tests.properties.quoting import TERMS, TODAY, far

WEEKENDS = SeasonPrice(far(0), far(300), (4, 5), D(1), 2)
HIGH = SeasonPrice(far(30), far(60), None, D(2), 5)
ONLY_PRICE = SeasonPrice(far(40), far(50), None, D(3))


@pytest.mark.parametrize(
    ("rules", "arrival", "expected"),
    [
        ((), 10, 3),
        ((HIGH,), 29, 3),
        ((HIGH,), 30, 5),
        ((HIGH,), 59, 5),
        ((HIGH,), 60, 3),
        ((HIGH, ONLY_PRICE), 45, 5),  # a rule that says no number leaves it to the others
        ((HIGH, WEEKENDS), 32, 2),  # 3 July 2026 is a Friday; the last rule that says one holds
        ((HIGH, WEEKENDS), 31, 5),
        ((SeasonPrice(far(0), far(90), None, D(1), 1),), 10, 1),
    ],
)
def test_the_least_number_of_nights_is_that_of_the_season_of_arrival(rules, arrival, expected):
    assert least_nights(replace(TERMS, min_nights=3, price_rules=rules), far(arrival)) == expected


@pytest.mark.parametrize(
    ("first", "last", "change", "expected"),
    [
        (5, 7, {}, True),  # between two stays, whole
        (5, 6, {}, False),  # not whole: a night would be left over
        (6, 7, {}, False),
        (12, 14, {}, False),  # nothing follows
        (0, 2, {"busy": ((far(2), far(5)),)}, True),  # nobody can come before today
        (1, 2, {"busy": ((far(2), far(5)),)}, False),
        (1, 2, {"busy": ((far(2), far(5)),), "notice_days": 1}, True),
        (5, 7, {"fill_gaps": False}, False),
        (8, 10, {"busy": (), "always_open": False, "windows": ((far(8), far(10)),)}, True),
        (8, 9, {"busy": (), "always_open": False, "windows": ((far(8), far(10)),)}, False),
        (729, 731, {"busy": ((far(720), far(729)),)}, True),  # and none beyond what can be booked
    ],
)
def test_a_short_stay_may_fill_a_gap(first, last, change, expected):
    terms = replace(TERMS, min_nights=4, busy=((far(2), far(5)), (far(7), far(12))))
    assert fills_gap(replace(terms, **change), far(first), far(last), TODAY) is expected


def test_a_price_over_a_season_leaves_its_number_of_nights():
    season = SeasonPrice(far(31), far(35), None, D(2), 4)
    laid = overlaid([season, ONLY_PRICE], SeasonPrice(far(30), far(60), None, D(9)), TODAY)
    terms = replace(TERMS, price_rules=tuple(laid))
    assert (least_nights(terms, far(32)), price_night(terms, far(32)), len(laid)) == (4, D(9), 2)


def test_days_and_hours_are_those_of_the_property():
    assert local_today(TERMS, datetime(2026, 6, 1, 18, 30, tzinfo=UTC)) == date(2026, 6, 2)
    assert check_in_at(TERMS, TODAY) == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert check_out_at(TERMS, TODAY) == datetime(2026, 6, 1, 5, tzinfo=UTC)
    berlin = replace(TERMS, timezone="Europe/Berlin", check_in_from=time(16, 30))
    assert check_in_at(berlin, date(2026, 1, 10)) == datetime(2026, 1, 10, 15, 30, tzinfo=UTC)
    assert check_in_at(berlin, date(2026, 7, 10)) == datetime(2026, 7, 10, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("windows", "start", "end", "inside"),
    [
        ([(1, 5)], 1, 5, True),
        ([(1, 5)], 4, 6, False),
        ([(5, 9), (1, 5)], 3, 7, True),
        ([(1, 4), (5, 9)], 3, 7, False),
        ([(1, 9)], 0, 2, False),
        ([], 1, 2, False),
    ],
)
def test_every_night_must_lie_in_a_window(windows, start, end, inside):
    def day(n):
        return TODAY + timedelta(n)

    terms = replace(TERMS, always_open=False, windows=tuple((day(a), day(b)) for a, b in windows))
    assert inside_windows(terms, day(start), day(end)) is inside
    assert inside_windows(TERMS, day(start), day(end)) is True
