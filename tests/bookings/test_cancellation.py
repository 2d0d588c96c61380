"""The table of docs/bookings.md, row by row, at the moment itself and a second after it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.rules.cancellation import RULES, Price, applying_rule, refund_of

CHECK_IN = datetime(2027, 3, 1, 8, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
D = Decimal


def rule(policy, before, by="guest", booked=LONG_AGO):
    return applying_rule(policy=policy, by=by, booked_at=booked, check_in_at=CHECK_IN, now=CHECK_IN - before)


@pytest.mark.parametrize(
    ("policy", "before", "expected"),
    [
        ("flexible", DAY, "all"),
        ("flexible", DAY - SECOND, "all_but_first_night"),
        ("flexible", SECOND, "all_but_first_night"),
        ("flexible", 0 * DAY, "nothing"),
        ("moderate", 5 * DAY, "all"),
        ("moderate", 5 * DAY - SECOND, "half"),
        ("moderate", SECOND, "half"),
        ("moderate", 0 * DAY, "nothing"),
        ("firm", 30 * DAY, "all"),
        ("firm", 30 * DAY - SECOND, "half"),
        ("firm", 7 * DAY, "half"),
        ("firm", 7 * DAY - SECOND, "nothing"),
        ("firm", -SECOND, "nothing"),
    ],
)
def test_the_guests_policies(policy, before, expected):
    assert rule(policy, before) == expected


@pytest.mark.parametrize("policy", ["flexible", "moderate", "firm"])
@pytest.mark.parametrize("by", ["host", "system"])
def test_the_host_gives_all_back_at_any_time(policy, by):
    assert rule(policy, 10 * DAY, by) == rule(policy, -DAY, by) == "all"


@pytest.mark.parametrize(
    ("booked_before_now", "before_check_in", "expected"),
    [
        (DAY, 7 * DAY, "all"),
        (DAY + SECOND, 7 * DAY, "half"),
        (DAY, 7 * DAY - SECOND, "nothing"),
        (SECOND, 20 * DAY, "all"),
    ],
)
def test_the_grace_after_booking(booked_before_now, before_check_in, expected):
    booked = CHECK_IN - before_check_in - booked_before_now
    assert rule("firm", before_check_in, booked=booked) == expected


def test_the_lines_that_go_back():
    price = Price(D("2500.00"), D("600.00"), D("100.00"), D("160.00"), D("320.00"))
    assert refund_of(price, 3, "all") == price
    assert refund_of(price, 3, "half") == Price(D("1250.00"), D("300.00"), D("50.00"), D("80.00"), D("160.00"))
    but_first = refund_of(price, 3, "all_but_first_night")
    # 2500 / 3 = 833.33 is kept; 2366.67 of 3200 go back, and that share of fee and tax.
    assert but_first == Price(D("1666.67"), D("600.00"), D("100.00"), D("118.33"), D("236.67"))
    assert refund_of(price, 3, "nothing").total == 0


@pytest.mark.parametrize(
    ("which", "back"),
    [
        # A currency without hundredths: each line is a whole unit, half up.
        ("half", ("51", "26", "3", "6", "11")),
        ("all_but_first_night", ("67", "51", "5", "9", "16")),
    ],
)
def test_each_line_goes_back_in_units_that_the_currency_has(which, back):
    price = Price(D(101), D(51), D(5), D(11), D(21))
    found = refund_of(price, 3, which, unit=D(1))
    # Of 101 / 3 = 33.67 34 are kept, so that 123 of 157 go back, and that share of fee and tax.
    assert found == Price(*(D(line) for line in back))


def test_of_a_stay_that_costs_nothing_neither_fee_nor_tax_goes_back():
    free = Price(D(0), D(0), D(0), D("2.00"), D("1.00"))
    assert refund_of(free, 3, "all_but_first_night") == Price.nothing()


cents = st.decimals(0, 99999, places=2)


@given(st.builds(Price, cents, cents, cents, cents, cents), st.integers(1, 365), st.sampled_from(RULES))
def test_no_line_gives_back_more_than_it_was(price, nights, which):
    back = refund_of(price, nights, which)
    for name in ("stay", "meals", "cleaning", "platform_fee", "tax"):
        line = getattr(back, name)
        assert 0 <= line <= getattr(price, name)
        assert line == line.quantize(D("0.01"))
    assert back.total <= price.total
