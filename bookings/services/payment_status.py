"""Derives a booking's payment status from its money and its running payments."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Booking, Payment
from bookings.selectors.refunds import get_money


def set_payment_status(booking: Booking, now: datetime) -> None:
    """Writes the payment status of a locked booking. `processing` while a payment runs and nothing was paid yet."""
    if booking.payment_status == Booking.PaymentStatus.ON_ARRIVAL:
        return
    held = get_money(booking.pk)
    if not held.meant.paid and booking.payments.filter(status__in=Payment.RUNNING).exists():
        return
    booking.payment_status = held.payment_status(booking.status, booking.total)
    booking.processing_since, booking.updated_at = None, now
    booking.save(update_fields=["payment_status", "processing_since", "updated_at"])
