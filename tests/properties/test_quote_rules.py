from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D

import pytest

from core.errors import DomainError
from properties.rules.quote import make_quote
from properties.rules.seasons import overlaid
from properties.rules.terms import (
    MAX_AMOUNT,
    Discount,
    MealOrder,
    MenuItem,
    PropertyTerms,
    SeasonPrice,
    check_in_at,
    check_out_at,
    fills_gap,
    inside_windows,
    least_nights,
    local_today,
    price_night,
    quote_stay,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
TERMS = PropertyTerms(
    id=1, host_id=2, status="listed", title="Lake House", currency="BDT", price=D("1000.00"), price_rules=(),
    monthly_percent=D(30), weekly_percent=D(10), early_percent=D(5), cleaning_fee=D("0.00"), min_nights=1,
    max_nights=365, notice_days=0, timezone="Asia/Dhaka", check_in_from=None, check_out_by=None, max_guests=4,
    stay=True, stay_with_meal=True, paying_guest=True, meal_price=D("100.00"),
    menu=(MenuItem(7, "breakfast", "Paratha", D("150.00")), MenuItem(8, "dinner", "Ilish", D("450.50"))),
    windows=(), cancellation_policy="moderate", instant_book=False, negotiable=True, offers_per_side=5,
    auto_accept_percent=None, auto_decline_percent=None,
)  # fmt: skip


def quote(terms=TERMS, *, ahead=1, nights=3, guests=2, booking_type="stay", meals=()):
    start = TODAY + timedelta(ahead)
    return quote_stay(
        terms, start_date=start, end_date=start + timedelta(nights), guests=guests, booking_type=booking_type,
        meals=meals, fee_percent=D(5), tax_percent=D(10), now=NOW,
    )  # fmt: skip


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


def far(n):
    return TODAY + timedelta(n)


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


def test_a_type_that_is_not_offered_here():
    with pytest.raises(DomainError) as refusal:
        quote(replace(TERMS, stay=False))
    assert refusal.value.code == "invalid"
    assert "booking_type" in refusal.value.fields


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
