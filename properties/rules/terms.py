"""The terms of a property, and the price of a stay under them.

Dates are the property's local ones, stays half-open; times UTC; money in the property's currency.
Source of the arithmetic and its order: docs/rest.md, "Listing a property" (step 4) and the quote endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.clock import at_wall_time, local_date
from core.errors import Code, DomainError, invalid, not_found
from core.money import ZERO, round_money
from core.said import said
from core.values import value
from properties.rules.menu import MealOrder, MenuItem, PricedMeal, price_meals
from properties.rules.quote import HUNDRED, Quote, make_quote

__all__ = ["MealOrder", "MenuItem", "PricedMeal"]  # read from here by the floors above

CHECK_IN = time(14)
CHECK_OUT = time(11)
LAST_WORD = time(20)
MAX_NIGHTS = 365
MAX_DAYS_AHEAD = 730
MONTHLY_NIGHTS = 28
WEEKLY_NIGHTS = 7
EARLY_DAYS = 30
# What the money columns hold: twelve digits, two of them behind the point.
MAX_AMOUNT = Decimal("9999999999.99")

STAY, STAY_WITH_MEAL, PAYING_GUEST = BOOKING_TYPES = ("stay", "stay_with_meal", "paying_guest")
BOOKING_TYPE_ALIASES = {**{kind: kind for kind in BOOKING_TYPES}, "stay_with_meals": STAY_WITH_MEAL}


@value()
class SeasonPrice:
    """A price a night from `start` to before `end`; `weekdays` (0 = Monday) None means every day.

    `min_nights` is the least for a stay that begins on one of these nights; None leaves it to the other rules.
    """

    start: date
    end: date
    weekdays: tuple[int, ...] | None
    price: Decimal
    min_nights: int | None = None

    def covers(self, night: date) -> bool:
        return self.start <= night < self.end and (self.weekdays is None or night.weekday() in self.weekdays)


@value()
class Discount:
    """What was taken off the sum of the nights; `name` is monthly, weekly or early_booking."""

    name: str
    percent: Decimal
    amount: Decimal


@value()
class StayQuote:
    """A stay's list price. `base` is the sum of its nights before discounts; `quote.stay` what is left of it."""

    booking_type: str
    quote: Quote
    base: Decimal
    discounts: tuple[Discount, ...]
    meals: tuple[PricedMeal, ...]


@value()
class PropertyTerms:
    """What pricing, booking and haggling need of a property; `windows` are half-open and count unless always_open."""

    id: int
    host_id: int
    status: str
    title: str
    currency: str
    price: Decimal
    price_rules: tuple[SeasonPrice, ...]
    monthly_percent: Decimal | None
    weekly_percent: Decimal | None
    early_percent: Decimal | None
    cleaning_fee: Decimal
    min_nights: int
    max_nights: int
    notice_days: int
    timezone: str
    check_in_from: time | None
    check_out_by: time | None
    max_guests: int
    stay: bool
    stay_with_meal: bool
    paying_guest: bool
    meal_price: Decimal
    menu: tuple[MenuItem, ...]
    windows: tuple[tuple[date, date], ...]
    cancellation_policy: str
    instant_book: bool
    negotiable: bool
    offers_per_side: int
    auto_accept_percent: Decimal | None
    auto_decline_percent: Decimal | None
    always_open: bool = True
    photo: str = ""
    fill_gaps: bool = True
    # Nights of stays and blocks, here and on other sites; known only where some stay may be too short.
    busy: tuple[tuple[date, date], ...] = ()

    @property
    def is_listed(self) -> bool:
        return self.status == "listed"


def check_offered(terms: PropertyTerms | None, *, guest_id: int) -> PropertyTerms:
    """The property, where this guest may book or haggle over it. Raises not_found, property.not_listed, not_allowed."""
    if terms is None or terms.status == "draft":
        raise not_found()
    if not terms.is_listed:
        raise DomainError(Code.PROPERTY_NOT_LISTED, "This home is not offered just now.")
    if terms.host_id == guest_id:
        raise DomainError(Code.NOT_ALLOWED, "This home is your own.")
    return terms


def check_in_at(terms: PropertyTerms, day: date) -> datetime:
    """The moment a stay that starts on `day` begins: 14:00 there unless the listing says otherwise."""
    return at_wall_time(day, terms.check_in_from or CHECK_IN, terms.timezone)


def check_out_at(terms: PropertyTerms, day: date) -> datetime:
    """The moment a stay that ends on `day` is over: 11:00 there unless the listing says otherwise."""
    return at_wall_time(day, terms.check_out_by or CHECK_OUT, terms.timezone)


def last_word_at(terms: PropertyTerms, day: date) -> datetime:
    """The latest moment for an agreement: 20:00 of the check-in day at the property."""
    return at_wall_time(day, LAST_WORD, terms.timezone)


def local_today(terms: PropertyTerms, now: datetime) -> date:
    """The date at the property."""
    return local_date(now, terms.timezone)


def inside_windows(terms: PropertyTerms, start: date, end: date) -> bool:
    """Whether every night from `start` to before `end` lies in a window, adjacent ones joined."""
    if terms.always_open:
        return True
    for opens, closes in sorted(terms.windows):
        if opens <= start < closes:
            start = closes
    return start >= end


def least_nights(terms: PropertyTerms, arrival: date) -> int:
    """The least number of nights of a stay from `arrival`: that of the last rule which covers the night and sets one."""
    for rule in reversed(terms.price_rules):
        if rule.min_nights is not None and rule.covers(arrival):
            return rule.min_nights
    return terms.min_nights


def fills_gap(terms: PropertyTerms, start: date, end: date, today: date) -> bool:
    """Whether a stay fills a gap: neither the night before nor the one after can be booked. Where the host sells gaps whole, such
    a stay may be shorter than the least number of nights. A hold makes no gap, because it may end."""
    return terms.fill_gaps and not any(can_be_had(terms, night, today) for night in (start - timedelta(1), end))


def can_be_had(terms: PropertyTerms, night: date, today: date) -> bool:
    """Whether a night can be booked and nothing but a hold takes it."""
    ahead = (night - today).days
    if not terms.notice_days <= ahead <= MAX_DAYS_AHEAD or not inside_windows(terms, night, night + timedelta(1)):
        return False
    return not any(start <= night < end for start, end in terms.busy)


def price_night(terms: PropertyTerms, night: date) -> Decimal:
    """What a night costs: what the last price rule that covers it says, else the listing's price."""
    for rule in reversed(terms.price_rules):
        if rule.covers(night):
            return rule.price
    return terms.price


def sum_nights(terms: PropertyTerms, start: date, nights: int) -> Decimal:
    """What so many nights from `start` cost before discounts."""
    if not terms.price_rules:
        return terms.price * nights
    return sum((price_night(terms, start + timedelta(n)) for n in range(nights)), ZERO)


def quote_stay(  # noqa: PLR0913 - a stay has that many facts
    terms: PropertyTerms,
    *,
    start_date: date,
    end_date: date,
    guests: int,
    booking_type: str,
    meals: Sequence[MealOrder],
    fee_percent: Decimal,
    tax_percent: Decimal,
    now: datetime,
) -> StayQuote:
    """The list price of a stay.

    Raises `invalid` (booking type, meals), `dates.invalid` and `stay.too_many_guests`, in this order. Whether the
    nights are free is not asked.
    """
    kind = check_booking_type(terms, booking_type)
    menu = terms.menu if kind == STAY_WITH_MEAL else ()
    priced = price_meals(menu, meals, start_date, end_date)
    today = local_today(terms, now)
    check_dates(terms, start_date=start_date, end_date=end_date, today=today)
    check_guests(terms, guests)
    nights = (end_date - start_date).days
    base = sum_nights(terms, start_date, nights)
    stay, discounts = _discounted(terms, base, nights, (start_date - today).days)
    food = sum((meal.price * meal.quantity for meal in priced), ZERO) if priced else ZERO
    if kind == PAYING_GUEST:
        food = terms.meal_price * guests * nights
    if max(stay, food) > MAX_AMOUNT:
        raise invalid("That comes to more than can be charged at once.", end_date="Ask for a shorter stay.")
    quote = make_quote(
        currency=terms.currency, nights=nights, stay=stay, meals=food, cleaning=terms.cleaning_fee,
        fee_percent=fee_percent, tax_percent=tax_percent,
    )  # fmt: skip
    return StayQuote(kind, quote, base, discounts, priced)


def check_booking_type(terms: PropertyTerms, booking_type: str) -> str:
    """The booking type by its own name. Raises `invalid` where the property does not offer it."""
    kind = BOOKING_TYPE_ALIASES.get(booking_type, "")
    # Each type has a column of its name.
    if not (kind and getattr(terms, kind)):
        names = ", ".join(name for name in BOOKING_TYPES if getattr(terms, name))
        raise invalid(booking_type=said("Not offered here; choose one of: %(names)s.", names=names))
    return kind


def check_dates(terms: PropertyTerms, *, start_date: date, end_date: date, today: date) -> None:
    """Raises `dates.invalid` where no stay can have these dates at this property; `today` is the date there."""
    nights = (end_date - start_date).days
    longest = min(terms.max_nights, MAX_NIGHTS)
    if start_date < today:
        raise _bad_date("start_date", "That day has passed.")
    if nights < 1:
        raise _bad_date("end_date", "The check-out day must be after the check-in day.")
    if (start_date - today).days > MAX_DAYS_AHEAD:
        raise _bad_date("start_date", "Stays can be booked up to two years ahead.")
    if (start_date - today).days < terms.notice_days:
        text = said("The host needs %(days)s days' notice.", days=terms.notice_days)
        raise _bad_date("start_date", text, notice_days=terms.notice_days)
    least = least_nights(terms, start_date)
    if nights < least and not fills_gap(terms, start_date, end_date, today):
        text = said("The shortest stay from that day is %(least)s nights.", least=least)
        raise _bad_date("end_date", text, min_nights=least)
    if nights > longest:
        raise _bad_date("end_date", said("The longest stay is %(most)s nights.", most=longest), max_nights=longest)


def _bad_date(field: str, text: str, **params: int) -> DomainError:
    return DomainError(Code.DATES_INVALID, text, params=params, fields={field: [text]})


def check_guests(terms: PropertyTerms, guests: int) -> None:
    """Raises `stay.too_many_guests`, or `invalid` for fewer than one."""
    if guests < 1:
        text = said("At least one guest must come.")
        raise invalid(text, guests=text, number_of_guests=text)
    if guests > terms.max_guests:
        text = said("The property takes at most %(most)s guests.", most=terms.max_guests)
        # REST and the pages name the field differently; each shows the one that it has.
        fields = {"guests": [text], "number_of_guests": [text]}
        raise DomainError(Code.STAY_TOO_MANY_GUESTS, text, params={"max_guests": terms.max_guests}, fields=fields)


def _discounted(
    terms: PropertyTerms, base: Decimal, nights: int, days_ahead: int
) -> tuple[Decimal, tuple[Discount, ...]]:
    """`base` after discounts, and what each discount took. The result is rounded once, from the exact amount."""
    due: list[tuple[str, Decimal]] = []
    if nights >= MONTHLY_NIGHTS and terms.monthly_percent:
        due.append(("monthly", terms.monthly_percent))
    elif nights >= WEEKLY_NIGHTS and terms.weekly_percent:
        due.append(("weekly", terms.weekly_percent))
    if days_ahead >= EARLY_DAYS and terms.early_percent:
        due.append(("early_booking", terms.early_percent))
    exact, left, discounts = base, round_money(base), []
    for name, percent in due:
        exact = exact * (HUNDRED - percent) / HUNDRED
        discounts.append(Discount(name, percent, left - round_money(exact)))
        left = round_money(exact)
    return left, tuple(discounts)
