"""Money: two places, one rounding, and the two ways it is written."""

from decimal import Decimal as D

import pytest

from core.money import Bounds, money, percent_of, round_money, unit_of


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.004999", "0.00"), ("1.005", "1.01"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("7", "7.00")],
)
def test_half_a_hundredth_goes_up(amount, rounded):
    assert str(round_money(D(amount))) == rounded


@pytest.mark.parametrize(
    ("percent", "amount", "expected"),
    [
        ("5", "5500.00", "275.00"),
        ("10", "0.05", "0.01"),
        ("10", "0.04", "0.00"),
        ("100", "1.10", "1.10"),
        ("0", "9", "0.00"),
    ],
)
def test_per_cent(percent, amount, expected):
    assert str(percent_of(D(percent), D(amount))) == expected


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("5", "5.00"),
        ("1234567.8", "1234567.80"),
        ("-1", "-1.00"),
        ("12.30", "12.30"),
        ("12.345", "12.34"),
        ("1E+3", "1000.00"),
    ],
)
def test_on_the_wire_an_amount_has_two_places(amount, text):
    assert money(D(amount)) == text


@pytest.mark.parametrize(
    ("amount", "rounded"), [("7.49", "7.00"), ("7.50", "8.00"), ("-7.50", "-8.00"), ("0.10", "0.00"), ("12", "12.00")]
)
def test_a_currency_without_hundredths_that_can_be_paid_is_rounded_to_whole_units(amount, rounded):
    assert str(round_money(D(amount), unit_of("MGA"))) == rounded


@pytest.mark.parametrize(
    ("total", "fine"), [("0", True), ("0.49", False), ("0.50", True), ("9.00", True), ("9.01", False)]
)
def test_what_can_be_paid_at_once_has_two_bounds_and_nothing_always_can(total, fine):
    assert Bounds(D("0.50"), D("9.00")).take(D(total)) is fine
