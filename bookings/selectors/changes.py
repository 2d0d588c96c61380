"""Reads what a change of a stay would cost, and the changes that were proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from bookings.models import Booking, Dispute, StayChange
from bookings.rules.changes import ChangeState, added_nights, change_status_at, changed_stay_price, check_changeable
from bookings.rules.states import State, status_at
from bookings.selectors.bookings import access_booking
from core.clock import stamp
from core.errors import Code, DomainError, invalid, not_found
from core.money import ZERO, money, unit_of
from core.said import said
from properties.rules.quote import Quote, make_quote
from properties.rules.terms import PropertyTerms, inside_windows, quote_stay
from properties.selectors.calendar import has_free_nights
from properties.selectors.payable import payment_bounds
from properties.selectors.terms import get_terms


@dataclass(frozen=True, slots=True)
class Wish:
    """The stay as it would be: dates half-open. None: as it is."""

    start_date: date | None = None
    end_date: date | None = None
    guests: int | None = None

    def of(self, booking: Booking) -> tuple[date, date, int]:
        """All three, for a booking."""
        return (
            self.start_date or booking.start_date,
            self.end_date or booking.end_date,
            self.guests or booking.number_of_guests,
        )


@dataclass(frozen=True, slots=True)
class PricedWish:
    """A wish with its price; `difference` above zero is what the guest pays more."""

    start_date: date
    end_date: date
    guests: int
    list_price: Decimal
    quote: Quote
    difference: Decimal
    terms: PropertyTerms


def price_wish(booking: Booking, wish: Wish, now: datetime) -> PricedWish:
    """The price of a booking as wished. Added nights cost today's list price, less the share that was haggled off; meals that
    were ordered, and the cleaning, keep their price.

    Raises `invalid` (nothing changes), `booking.wrong_state`, `dates.invalid`, `stay.too_many_guests`, `stay.not_payable`,
    `dates.taken`.
    """
    start, end, guests = wish.of(booking)
    if (start, end, guests) == (booking.start_date, booking.end_date, booking.number_of_guests):
        raise invalid("Nothing would change.", start_date="Choose other dates, or another number of guests.")
    check_may_change(booking, now)
    terms = get_terms(booking.property_id)
    assert terms is not None  # noqa: S101 - a booking's home is never deleted
    listed = quote_stay(
        terms, start_date=start, end_date=end, guests=guests, booking_type=booking.booking_type, meals=(),
        fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT, now=now,
    )  # fmt: skip
    list_price, stay = listed.quote.stay, booking.base_price
    if (start, end) == (booking.start_date, booking.end_date):
        list_price = booking.list_price
    else:
        unit = unit_of(booking.currency)
        stay = changed_stay_price(list_price, agreed=booking.base_price, agreed_of=booking.list_price, unit=unit)
    is_paying_guest = booking.booking_type == Booking.Type.PAYING_GUEST
    quote = make_quote(
        currency=booking.currency, nights=(end - start).days, stay=stay, cleaning=booking.cleaning_fee,
        meals=listed.quote.meals if is_paying_guest else booking.meals_price,
        fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT,
    )  # fmt: skip
    priced = PricedWish(start, end, guests, list_price, quote, quote.total - booking.total, terms)
    check_added_nights(booking, start, end, terms, now)
    _check_payable(booking, priced)
    return priced


def check_may_change(booking: Booking, now: datetime) -> None:
    """Raises `booking.wrong_state` for a booking that can't be changed now."""
    state = State(
        booking.status, booking.payment_status, booking.instant, booking.hold_expires_at, booking.pay_by,
        booking.processing_since, booking.check_out_at,
    )  # fmt: skip
    check_changeable(
        status=status_at(state, now), payment_status=booking.payment_status, check_in_at=booking.check_in_at,
        is_disputed=Dispute.objects.filter(booking=booking, status=Dispute.Status.OPEN).exists(), now=now,
    )  # fmt: skip


def check_added_nights(booking: Booking, start: date, end: date, terms: PropertyTerms, now: datetime) -> None:
    """Raises `dates.taken` where an added night is closed or taken; nights that are agreed already are not checked."""
    for first, last in added_nights((booking.start_date, booking.end_date), (start, end)):
        free = has_free_nights(property_id=booking.property_id, start_date=first, end_date=last, now=now)
        if not free or not inside_windows(terms, first, last):
            raise DomainError(Code.DATES_TAKEN, "Some of these nights are taken.")


def due_of(booking: Booking, total: Decimal) -> Decimal:
    """What is to be paid at once for a booking that now costs `total`: for a paid one the difference, else all."""
    if booking.payment_status == Booking.PaymentStatus.ON_ARRIVAL:
        return ZERO
    return max(ZERO, total - booking.total) if booking.payment_status == Booking.PaymentStatus.PAID else total


def _check_payable(booking: Booking, priced: PricedWish) -> None:
    bounds, due = payment_bounds(booking.currency), due_of(booking, priced.quote.total)
    if bounds is None or not due or bounds.take(due):
        return
    params = {
        "total": money(due),
        "currency": booking.currency,
        "least": money(bounds.least),
        "most": money(bounds.most),
    }
    text = said(
        "%(total)s can't be paid at once; %(least)s to %(most)s can.",
        total=(params["total"], booking.currency), least=params["least"], most=params["most"],
    )  # fmt: skip
    raise DomainError(Code.STAY_NOT_PAYABLE, text, params=params)


def state_of_change(change: StayChange) -> ChangeState:
    """What the rules need to know of a change."""
    return ChangeState(change.status, change.by, change.expires_at, change.pay_by, change.processing_since)


def get_change(change_id: int) -> StayChange:
    """One change. Raises `not_found`."""
    found = StayChange.objects.filter(pk=change_id).first()
    if found is None:
        raise not_found()
    return found


def get_open_change(booking_id: int, now: datetime) -> StayChange | None:
    """The change that is proposed or accepted as of `now`."""
    found = StayChange.objects.filter(booking_id=booking_id, status__in=("proposed", "accepted")).first()
    return found if found is not None and change_status_at(state_of_change(found), now) == found.status else None


def get_payable_change(booking_id: int, now: datetime) -> StayChange | None:
    """The accepted change whose difference waits to be paid."""
    found = get_open_change(booking_id, now)
    return found if found is not None and found.status == StayChange.Status.ACCEPTED else None


def quote_change(booking_id: int, *, user_id: int, wish: Wish, now: datetime) -> dict[str, Any]:
    """What a change would cost, for one of the two parties. Raises as `price_wish`, and `not_found`."""
    booking = access_booking(booking_id, user_id=user_id)
    priced = price_wish(booking, wish, now)
    return {
        "start_date": priced.start_date.isoformat(),
        "end_date": priced.end_date.isoformat(),
        "number_of_guests": priced.guests,
        "quote": priced.quote.as_dict(),
        "total": money(priced.quote.total),
        "difference": money(priced.difference),
        "currency": booking.currency,
    }


def list_changes(booking_id: int, *, user_id: int, limit: int, before: int | None = None) -> list[StayChange]:
    """A booking's changes, newest first, for its two parties. Raises `not_found`."""
    access_booking(booking_id, user_id=user_id)
    rows = StayChange.objects.filter(booking_id=booking_id).select_related("booking")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def change_body(change: StayChange, now: datetime) -> dict[str, Any]:
    """A change as both parties see it."""
    status = change_status_at(state_of_change(change), now)
    return {
        "id": change.pk,
        "booking": change.booking_id,
        "by": change.by,
        "status": status,
        "start_date": change.start_date.isoformat(),
        "end_date": change.end_date.isoformat(),
        "number_of_guests": change.number_of_guests,
        "before": {
            "start_date": change.old_start_date.isoformat(),
            "end_date": change.old_end_date.isoformat(),
            "number_of_guests": change.old_number_of_guests,
            "total": money(change.old_total),
        },
        "quote": change.quote,
        "total": money(change.total),
        "difference": money(change.total - change.old_total),
        "currency": change.quote["currency"],
        "expires_at": stamp(change.expires_at),
        "pay_by": stamp(change.pay_by) if change.pay_by else None,
        "created_at": stamp(change.created_at),
        "ended_at": stamp(change.ended_at) if change.ended_at else None,
    }
