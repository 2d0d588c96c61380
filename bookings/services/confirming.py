"""Makes a held reservation a stay: by payment (instant book) or by the host's approval (request)."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from django.conf import settings

from bookings.models import Booking
from bookings.rules.deadlines import hold_ends, pay_by
from core import hooks
from core.clock import at_wall_time
from properties.models import CalendarEntry

NOON = time(12)


def confirm_booking(booking: Booking, *, now: datetime) -> None:
    """Makes a locked pending booking an agreed stay; rivals of its nights hear of it in the same transaction.

    An unpaid booking is due from now on, or settled on arrival where that is the rule.
    """
    booking.status, booking.confirmed_at, booking.updated_at = Booking.Status.CONFIRMED, now, now
    if booking.payment_status == Booking.PaymentStatus.DUE:
        set_terms_of_payment(booking, now)
    booking.save()
    CalendarEntry.objects.filter(booking=booking).update(kind=CalendarEntry.Kind.STAY, held_until=None)
    hooks.nights_taken(
        property_id=booking.property_id, guest_id=booking.guest_id, start_date=booking.start_date,
        end_date=booking.end_date, now=now,
    )  # fmt: skip


def set_terms_of_payment(booking: Booking, now: datetime) -> None:
    """Sets until when an agreed stay is to be paid, or that it is settled on arrival."""
    booking.payment_status, booking.pay_by = terms_of_payment(
        booking.total, booking.start_date, booking.property.timezone, now
    )


def terms_of_payment(total: Decimal, start: date, zone: str, now: datetime) -> tuple[str, datetime | None]:
    """The payment status of a stay that is agreed at `now`, and until when it is to be paid.

    A stay that costs nothing is settled at once. The time ends at noon of the check-in day in `zone`, the property's.
    """
    if settings.PAYMENT == "on_arrival":
        return Booking.PaymentStatus.ON_ARRIVAL, None
    if not total:
        return Booking.PaymentStatus.PAID, None
    return Booking.PaymentStatus.DUE, pay_by(now, at_wall_time(start, NOON, zone), settings.PAY_WITHIN_S)


def carry_hold(booking: Booking) -> None:
    """Moves the end of a locked booking's hold in the calendar to where its payment carries it."""
    if booking.status == Booking.Status.PENDING and booking.hold_expires_at and booking.calendar_entry_id:
        until = hold_ends(booking.hold_expires_at, booking.processing_since)
        CalendarEntry.objects.filter(booking=booking).update(held_until=until)
