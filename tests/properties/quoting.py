"""A home's terms, and a stay of so many nights quoted by them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

from properties.rules.terms import (
    MenuItem,
    PropertyTerms,
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


def far(n):
    return TODAY + timedelta(n)
