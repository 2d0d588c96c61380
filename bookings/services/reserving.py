"""Reserving at the listed price: the nights are held until the guest has paid (instant book) or the host has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.selectors.blocks import check_not_blocked
from bookings.gateways import payment_bounds
from bookings.models import BookedMeal, Booking
from bookings.rules.limits import UNPAID_AT_ONCE
from bookings.selectors.unpaid import count_unpaid, paused_until
from bookings.services import notifications
from bookings.services.confirm_stays import price_parts
from bookings.services.confirming import confirm_booking
from bookings.services.locking import lock_parties
from core import hooks
from core.api.idempotency import run_once
from core.clock import stamp
from core.errors import Code, DomainError
from core.limits import scaled
from core.said import said
from properties.models import CalendarEntry
from properties.rules.menu import MealOrder
from properties.rules.quote import check_payable
from properties.rules.terms import (
    PropertyTerms,
    StayQuote,
    check_in_at,
    check_offered,
    check_out_at,
    inside_windows,
    last_word_at,
    quote_stay,
)
from properties.selectors.calendar import own_holds
from properties.selectors.terms import get_terms
from properties.services.calendar import take_nights


@dataclass(frozen=True, slots=True)
class StayOrder:
    """What a guest wants to reserve; dates half-open."""

    property_id: int
    booking_type: str
    start_date: date
    end_date: date
    guests: int
    meals: tuple[MealOrder, ...] = ()


def reserve_stay(*, actor: User, order: StayOrder, key: str | None = None, now: datetime) -> int:
    """Holds the nights and returns the booking's id.

    Raises `not_found`, `property.not_listed`, `not_allowed` (one's own), `invalid`, `dates.invalid`,
    `stay.too_many_guests`, `stay.not_payable`, `offer.limit_reached` (did not pay here lately, or held too often),
    `booking.too_many_unpaid`, `dates.taken` (with `params.booking` for nights that the guest holds already).
    """
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.reserve", fields=asdict(order), now=now,
        do=lambda: {"booking": _reserve(actor, order, now).pk},
    )  # fmt: skip
    return int(done.outcome["booking"])


def find_echo(*, actor: User, body: Mapping[str, Any], now: datetime) -> int | None:
    """The booking of the accepted negotiation that `body` repeats; None where it repeats none.

    Raises what the negotiations' floor says of one that is not accepted, or not the actor's.
    """
    found = [booking for booking in hooks.reserve_echo(actor=actor, body=body, now=now) if booking is not None]
    return found[0].pk if found else None


def _reserve(actor: User, order: StayOrder, now: datetime) -> Booking:
    lock_parties(order.property_id, actor.pk)
    terms = check_offered(get_terms(order.property_id), guest_id=actor.pk)
    check_not_blocked(actor_id=actor.pk, other_id=terms.host_id)
    quoted = quote_stay(
        terms, start_date=order.start_date, end_date=order.end_date, guests=order.guests,
        booking_type=order.booking_type, meals=order.meals, fee_percent=settings.PLATFORM_FEE_PERCENT,
        tax_percent=settings.TAX_PERCENT, now=now,
    )  # fmt: skip
    check_payable(quoted.quote, payment_bounds(currency=terms.currency))
    _check_own_hold(actor, order, now)
    check_may_commit(actor.pk, terms.id, now)
    if not inside_windows(terms, order.start_date, order.end_date):
        raise DomainError(Code.DATES_TAKEN, "The property is not open on all of these nights.")
    return _hold(actor, order, terms, quoted, now)


def check_may_commit(guest_id: int, property_id: int, now: datetime) -> None:
    """Whether a guest, locked, may take on another unpaid stay. Raises `offer.limit_reached`, `booking.too_many_unpaid`."""
    if until := paused_until(guest_id, property_id, now):
        wait = {"retry_after": int((until - now).total_seconds()) + 1, "until": stamp(until)}
        raise DomainError(Code.OFFER_LIMIT_REACHED, "You did not pay for a stay here; try again later.", params=wait)
    most = scaled(UNPAID_AT_ONCE, settings.RATE_LIMIT_FACTOR)
    if count_unpaid([guest_id], now=now).get(guest_id, 0) >= most:
        raise DomainError(Code.BOOKING_TOO_MANY_UNPAID, "Pay for your other stays first.", params={"limit": most})


def _check_own_hold(actor: User, order: StayOrder, now: datetime) -> None:
    """Raises `dates.taken` with the guest's own reservation of these nights, where there is one."""
    held = own_holds(actor.pk, [order.property_id], order.start_date, order.end_date, now)
    if held:
        text = said("You hold these nights already; go on there, or cancel it first.")
        raise DomainError(Code.DATES_TAKEN, text, params={"booking": held[0][1]})


def _until(terms: PropertyTerms, start: date, now: datetime) -> datetime:
    """How long nights are held: a request ends at the latest at 20:00 of its check-in day. Raises `dates.invalid`."""
    if terms.instant_book:
        return now + timedelta(seconds=settings.HOLD_INSTANT_S)
    until = min(now + timedelta(seconds=settings.HOLD_REQUEST_S), last_word_at(terms, start))
    if until <= now:
        text = said("It is too late to ask for a stay that begins today.")
        raise DomainError(Code.DATES_INVALID, text, fields={"start_date": ["Choose a later day."]})
    return until


def _hold(actor: User, order: StayOrder, terms: PropertyTerms, quoted: StayQuote, now: datetime) -> Booking:
    until = _until(terms, order.start_date, now)
    entry = take_nights(
        property_id=terms.id, start_date=order.start_date, end_date=order.end_date, kind=CalendarEntry.Kind.HOLD,
        held_until=until, now=now,
    )  # fmt: skip
    booking = Booking.objects.create(
        property_id=terms.id, guest=actor, host_id=terms.host_id, calendar_entry=entry,
        booking_type=quoted.booking_type, start_date=order.start_date, end_date=order.end_date,
        check_in_at=check_in_at(terms, order.start_date), check_out_at=check_out_at(terms, order.end_date),
        number_of_guests=order.guests, list_price=quoted.quote.stay, cancellation_policy=terms.cancellation_policy,
        status=Booking.Status.PENDING, instant=terms.instant_book, hold_expires_at=until, created_at=now,
        updated_at=now, **price_parts(quoted.quote),
    )  # fmt: skip
    BookedMeal.objects.bulk_create(
        BookedMeal(booking=booking, meal_id=m.id, kind=m.kind, name=m.name, date=m.date, quantity=m.quantity, price=m.price)
        for m in quoted.meals
    )  # fmt: skip
    _announce(booking, now)
    return booking


def _announce(booking: Booking, now: datetime) -> None:
    """Tells the parties of a reservation. An instant booking with nothing to pay now, or paid on arrival, is confirmed at once."""
    if booking.instant and (settings.PAYMENT == "on_arrival" or not booking.total):
        confirm_booking(booking, now=now)
        notifications.notify_parties(booking, *notifications.BOTH, kind="booking.confirmed", now=now)
    else:
        notifications.notify_parties(booking, "host", kind="booking.requested", now=now)
