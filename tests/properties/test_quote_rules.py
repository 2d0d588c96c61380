from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from core.errors import DomainError
from properties.rules.quote import make_quote
from properties.rules.terms import (
    MAX_AMOUNT,
    Discount,
    MealOrder,
    SeasonPrice,
    price_night,
)
from tests.properties.quoting import TERMS, TODAY, quote


@pytest.mark.parametrize(
    ("stay", "meals", "cleaning", "fee", "tax", "total"),
    [
        ("5200.00", "300.00", "0.00", "275.00", "550.00", "6325.00"),
        ("0.10", "0.00", "0.00", "0.01", "0.01", "0.12"),
        ("0.09", "0.00", "0.00", "0.00", "0.01", "0.10"),
        ("33.33", "0.01", "0.00", "1.67", "3.33", "38.34"),
        ("1.005", "0.00", "0.00", "0.05", "0.10", "1.16"),
        ("9999999999.99", "0.00", "0.00", "500000000.00", "1000000000.00", "11499999999.99"),
    ],
)
def test_fee_and_tax_are_each_of_all_that_is_sold_and_lines_are_rounded_half_up(stay, meals, cleaning, fee, tax, total):
    sold = {"stay": D(stay), "meals": D(meals), "cleaning": D(cleaning)}
    made = make_quote(currency="BDT", nights=3, **sold, fee_percent=D(5), tax_percent=D(10))
    assert (made.platform_fee, made.tax, made.total) == (D(fee), D(tax), D(total))
    assert made.total == made.stay + made.meals + made.cleaning + made.platform_fee + made.tax


def test_the_wire_form_of_a_quote():
    made = make_quote(
        currency="BDT", nights=3, stay=D(5200), meals=D(300), cleaning=D(0), fee_percent=D(5), tax_percent=D(10)
    )  # fmt: skip
    assert made.as_dict() == {
        "currency": "BDT", "nights": 3, "stay": "5200.00", "meals": "300.00", "cleaning": "0.00",
        "platform_fee": "275.00", "tax": "550.00", "total": "6325.00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("nights", "ahead", "stay", "discounts"),
    [
        (6, 1, "6000.00", ()),
        (7, 1, "6300.00", (Discount("weekly", D(10), D("700.00")),)),
        (27, 29, "24300.00", (Discount("weekly", D(10), D("2700.00")),)),
        (28, 1, "19600.00", (Discount("monthly", D(30), D("8400.00")),)),
        (3, 30, "2850.00", (Discount("early_booking", D(5), D("150.00")),)),
        (7, 30, "5985.00", (Discount("weekly", D(10), D("700.00")), Discount("early_booking", D(5), D("315.00")))),
    ],
)
def test_discounts_in_order_each_named(nights, ahead, stay, discounts):
    made = quote(nights=nights, ahead=ahead)
    assert made.quote.stay == D(stay)
    assert made.discounts == discounts
    assert made.base - sum((d.amount for d in made.discounts), D(0)) == made.quote.stay


def test_without_a_monthly_discount_a_long_stay_gets_the_weekly_one():
    assert quote(replace(TERMS, monthly_percent=None), nights=28).discounts[0].name == "weekly"
    assert quote(replace(TERMS, monthly_percent=D(0)), nights=28).discounts[0].name == "weekly"


def test_the_stay_is_rounded_once_from_the_exact_amount():
    terms = replace(TERMS, price=D("14.43"), weekly_percent=D("2.5"), early_percent=D("2.5"))
    made = quote(terms, nights=7, ahead=40)
    assert made.quote.stay == D("96.02")  # 101.01 × 0.975 × 0.975 = 96.02...
    assert sum((d.amount for d in made.discounts), D(0)) == D("101.01") - D("96.02")


def test_of_several_price_rules_the_last_that_covers_a_night_holds():
    season = SeasonPrice(TODAY, TODAY + timedelta(10), None, D(2000))
    fridays = SeasonPrice(TODAY, TODAY + timedelta(10), (4,), D(3000))
    terms = replace(TERMS, price_rules=(season, fridays))
    friday = date(2026, 6, 5)
    assert price_night(terms, friday) == D(3000)
    assert price_night(terms, friday + timedelta(1)) == D(2000)
    assert price_night(terms, TODAY + timedelta(10)) == D(1000)
    assert price_night(replace(terms, price_rules=(fridays, season)), friday) == D(2000)
    assert quote(terms, ahead=3, nights=3).base == D(7000)  # Thursday, Friday, Saturday


def test_meals_of_a_paying_guest_are_by_head_and_night():
    made = quote(booking_type="paying_guest", guests=2, nights=3)
    assert made.quote.meals == D("600.00")


def test_ordered_dishes_are_priced_and_strays_moved_to_the_first_night():
    late = MealOrder("breakfast", 7, 2, TODAY + timedelta(30))
    kept = MealOrder("dinner", 8, 1, TODAY + timedelta(2))
    none = MealOrder("dinner", 999, 0)
    made = quote(booking_type="stay_with_meals", meals=[late, kept, none])
    assert made.booking_type == "stay_with_meal"
    assert made.quote.meals == D("750.50")
    assert [(m.name, m.date) for m in made.meals] == [
        ("Paratha", TODAY + timedelta(1)), ("Ilish", TODAY + timedelta(2))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"ahead": -1}, "dates.invalid", "start_date"),
        ({"nights": 0}, "dates.invalid", "end_date"),
        ({"nights": -2}, "dates.invalid", "end_date"),
        ({"nights": 366}, "dates.invalid", "end_date"),
        ({"nights": 3650}, "dates.invalid", "end_date"),
        ({"ahead": 731}, "dates.invalid", "start_date"),
        ({"guests": 5}, "stay.too_many_guests", "number_of_guests"),
        ({"guests": 0}, "invalid", "guests"),
        ({"booking_type": "camping"}, "invalid", "booking_type"),
        ({"booking_type": "stay_with_meal", "meals": [MealOrder("lunch", 7, 1)]}, "invalid", "lunch"),
        ({"booking_type": "stay_with_meal", "meals": [MealOrder("breakfast", 7, -1)]}, "invalid", "breakfast"),
        ({"booking_type": "stay_with_meal", "meals": [MealOrder("breakfast", 7, 101)]}, "invalid", "breakfast"),
        ({"booking_type": "stay", "meals": [MealOrder("breakfast", 7, 1)]}, "invalid", "meals"),
    ],
)
def test_what_no_stay_can_have_is_refused_with_its_field(change, code, field):
    with pytest.raises(DomainError) as refusal:
        quote(**change)
    assert refusal.value.code == code
    assert field in refusal.value.fields


@pytest.mark.parametrize(
    ("terms", "change", "field"),
    [
        ({"min_nights": 4}, {"nights": 3}, "end_date"),
        ({"max_nights": 2}, {"nights": 3}, "end_date"),
        ({"notice_days": 2}, {"ahead": 1}, "start_date"),
    ],
)
def test_the_limits_of_the_listing(terms, change, field):
    with pytest.raises(DomainError) as refusal:
        quote(replace(TERMS, **terms), **change)
    assert (refusal.value.code, list(refusal.value.fields)) == ("dates.invalid", [field])


def test_a_type_that_is_not_offered_here():
    with pytest.raises(DomainError) as refusal:
        quote(replace(TERMS, stay=False))
    assert refusal.value.code == "invalid"
    assert "booking_type" in refusal.value.fields


@pytest.mark.parametrize(("lines", "allowed"), [(200, True), (201, False)])
def test_a_stay_has_so_many_lines_of_meals_at_the_most(lines, allowed):
    meals = [*[MealOrder("breakfast", 7, 1, TODAY)] * lines, MealOrder("breakfast", 7, 0, TODAY)]
    if allowed:
        assert len(quote(booking_type="stay_with_meal", meals=meals).meals) == lines
        return
    with pytest.raises(DomainError) as refused:
        quote(booking_type="stay_with_meal", meals=meals)
    assert refused.value.fields == {"meals": ["At most 200 lines of meals in one stay."]}


@pytest.mark.parametrize(("night", "allowed"), [(MAX_AMOUNT / 2, True), (MAX_AMOUNT / 2 + D("0.01"), False)])
@pytest.mark.parametrize("kind", ["stay", "paying_guest"])
def test_more_than_can_be_charged_at_once_is_no_quote(kind, night, allowed):
    terms = replace(TERMS, price=night if kind == "stay" else D(1), meal_price=night if kind != "stay" else D(1))
    if allowed:
        assert quote(terms, nights=2, guests=1, booking_type=kind).quote.nights == 2
        return
    with pytest.raises(DomainError) as refused:
        quote(terms, nights=2, guests=1, booking_type=kind)
    assert refused.value.fields == {"end_date": ["Ask for a shorter stay."]}


@pytest.mark.parametrize(("status", "listed"), [("listed", True), ("unlisted", False), ("draft", False)])
def test_only_what_is_listed_is_listed(status, listed):
    assert replace(TERMS, status=status).is_listed is listed


@pytest.mark.parametrize(("day", "expected"), [(0, 0), (1, 1), (2, 2), (3, 0), (-1, 0), (None, 0)])
def test_a_meal_outside_the_stay_is_of_its_first_day(day, expected):
    start = TODAY + timedelta(1)
    order = MealOrder("breakfast", 7, 1, None if day is None else start + timedelta(day))
    priced = quote(booking_type="stay_with_meal", meals=[order]).meals
    assert [meal.date for meal in priced] == [start + timedelta(expected)]


@pytest.mark.parametrize(
    ("quantity", "text"), [(100, None), (101, "Give a quantity from 0 to 100."), (-1, "Give a quantity from 0 to 100.")]
)
def test_so_many_of_a_dish_and_the_refusal_says_so(quantity, text):
    order = MealOrder("breakfast", 7, quantity, None)
    if text is None:
        assert quote(booking_type="stay_with_meal", meals=[order]).meals[0].quantity == quantity
        return
    with pytest.raises(DomainError) as refused:
        quote(booking_type="stay_with_meal", meals=[order])
    assert (refused.value.message, refused.value.fields) == (text, {"breakfast": [text], "meals": [text]})
