"""Applies and ends changes of stays: booking, nights and money. Callers have locked the booking."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from bookings.models import Booking, Payment, StayChange
from bookings.rules.changes import added_nights, change_status_at
from bookings.rules.deadlines import hold_ends, pay_by
from bookings.selectors.changes import state_of_change
from bookings.selectors.refunds import refundable
from bookings.services import notifications
from bookings.services.confirm_stays import price_parts
from bookings.services.confirming import NOON
from bookings.services.payment_status import set_payment_status
from bookings.services.refunding import refund_booking
from core import hooks
from core.clock import at_wall_time
from core.money import ZERO
from properties.models import CalendarEntry
from properties.rules.quote import Quote
from properties.rules.terms import check_in_at, check_out_at
from properties.selectors.terms import get_terms
from properties.services.calendar import drop_entries, move_nights, take_nights

Status = StayChange.Status
CHANGED = "changed"


def open_change_of(booking: Booking) -> StayChange | None:
    """The change of a locked booking that is proposed or accepted, locked too; it may have run out of time."""
    rows = StayChange.objects.select_for_update(no_key=True).filter(booking=booking)
    return rows.filter(status__in=(Status.PROPOSED, Status.ACCEPTED)).first()


def catch_up_change(booking: Booking, now: datetime) -> StayChange | None:
    """Ends what has run out of time; the change that is still open."""
    change = open_change_of(booking)
    if change is None or change_status_at(state_of_change(change), now) == change.status:
        return change
    end_change(booking, change, Status.EXPIRED, now=now)
    return None


def hold_until_paid(booking: Booking, change: StayChange, *, now: datetime) -> None:
    """Holds the nights that an accepted, dearer change adds until the guest has paid the difference.

    Raises `dates.taken`.
    """
    zone, first = booking.property.timezone, min(booking.start_date, change.start_date)
    change.pay_by = pay_by(now, at_wall_time(first, NOON, zone), settings.PAY_WITHIN_S)
    change.status, change.old_total = Status.ACCEPTED, booking.total
    spans = added_nights((booking.start_date, booking.end_date), (change.start_date, change.end_date))
    change.held_entries = [
        take_nights(
            property_id=booking.property_id, start_date=start, end_date=end, kind=CalendarEntry.Kind.HOLD,
            held_until=change.pay_by, now=now,
        ).pk
        for start, end in spans
    ]  # fmt: skip
    change.save()
    due = change.total - booking.total
    notifications.notify_parties(booking, "guest", kind="booking.change_accepted", now=now, amount=due)


def carry_change(change: StayChange) -> None:
    """Moves the end of the held nights to where a running payment carries it."""
    if change.status == Status.ACCEPTED and change.pay_by:
        until = hold_ends(change.pay_by, change.processing_since)
        CalendarEntry.objects.filter(pk__in=change.held_entries).update(held_until=until)


def apply_change(booking: Booking, change: StayChange, *, now: datetime) -> None:
    """Applies the change to the stay: nights, guests and price in one transaction. Raises `dates.taken`, and undoes the rest.

    A paid stay that costs less gives the difference back.
    """
    less = booking.total - change.total
    move_nights(
        booking.calendar_entry_id or 0, property_id=booking.property_id, start_date=change.start_date,
        end_date=change.end_date, instead_of=change.held_entries, now=now,
        name_it=lambda entry: _rewrite(booking, change, entry.pk, now),
    )  # fmt: skip
    change.status, change.ended_at, change.held_entries = Status.DONE, now, []
    change.processing_since = None
    change.save()
    _move_meals(booking)
    if booking.payment_status == Booking.PaymentStatus.PAID and less > ZERO:
        _give_back(booking, less, now)
    notifications.notify_parties(booking, *notifications.BOTH, kind="booking.changed", now=now)
    hooks.nights_taken(
        property_id=booking.property_id, guest_id=booking.guest_id, start_date=booking.start_date,
        end_date=booking.end_date, now=now,
    )  # fmt: skip


def _rewrite(booking: Booking, change: StayChange, entry_id: int, now: datetime) -> None:
    terms = get_terms(booking.property_id)
    assert terms is not None  # noqa: S101 - a booking's home is never deleted
    booking.calendar_entry_id = entry_id
    booking.start_date, booking.end_date = change.start_date, change.end_date
    booking.check_in_at, booking.check_out_at = (
        check_in_at(terms, change.start_date),
        check_out_at(terms, change.end_date),
    )
    booking.number_of_guests, booking.list_price = change.number_of_guests, change.list_price
    for name, value in price_parts(quote_of(change)).items():
        setattr(booking, name, value)
    if booking.payment_status == Booking.PaymentStatus.DUE:
        noon = at_wall_time(change.start_date, NOON, booking.property.timezone)
        latest = pay_by(now, noon, settings.PAY_WITHIN_S)
        booking.pay_by = min(booking.pay_by or latest, latest)
        if not booking.total:
            booking.payment_status, booking.pay_by = Booking.PaymentStatus.PAID, None
    booking.updated_at = now
    booking.save()


def quote_of(change: StayChange) -> Quote:
    """The quote that was frozen when it was proposed."""
    lines = {
        name: Decimal(change.quote[name]) for name in ("stay", "meals", "cleaning", "platform_fee", "tax", "total")
    }
    return Quote(currency=change.quote["currency"], nights=change.quote["nights"], **lines)


def _move_meals(booking: Booking) -> None:
    """Moves dishes ordered for a day outside the stay to its first day, as a reservation does."""
    outside = Q(date__lt=booking.start_date) | Q(date__gte=booking.end_date)
    booking.meals.filter(outside).update(date=booking.start_date)


def _give_back(booking: Booking, less: Decimal, now: datetime) -> None:
    back = min(less, refundable(booking.pk))
    if back > ZERO:
        refund_booking(booking, amount=back, reason=CHANGED, now=now)
    set_payment_status(booking, now)


def take_difference(booking: Booking, change: StayChange, payment: Payment, *, now: datetime) -> None:
    """Applies a change whose difference the guest has paid. Raises `dates.taken` where the nights were taken nevertheless."""
    apply_change(booking, change, now=now)
    set_payment_status(booking, now)
    notifications.notify_parties(booking, "host", kind="booking.paid", now=now, amount=payment.amount)


def waits_for(booking: Booking, change: StayChange, now: datetime) -> bool:
    """Whether a payment of the difference is still expected."""
    return booking.status == Booking.Status.CONFIRMED and (
        change_status_at(state_of_change(change), now) == Status.ACCEPTED
    )


def end_change(booking: Booking, change: StayChange, status: str, *, now: datetime) -> None:
    """Ends a change without effect: frees the nights that it held, and tells the party that did not end it."""
    if change.held_entries:
        drop_entries(change.held_entries, property_id=booking.property_id, now=now)
    change.status, change.ended_at, change.held_entries, change.processing_since = status, now, [], None
    change.save()
    told = {Status.DECLINED: (change.by,), Status.WITHDRAWN: (_other(change.by),), Status.EXPIRED: notifications.BOTH}
    sides = told.get(Status(status), ())
    notifications.notify_parties(booking, *sides, kind="booking.change_ended", now=now)


def _other(side: str) -> str:
    return "host" if side == "guest" else "guest"
