"""Reads payments for the bank's page and for the booking's pages."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from bookings.models import Payment
from core.errors import not_found


def get_sandbox_payment(reference: str) -> Payment:
    """The sandbox's payment of that reference. Raises `not_found`, also where the sandbox is off."""
    found = Payment.objects.select_related("booking__property").filter(gateway="sandbox", reference=reference).first()
    if settings.PAYMENT_GATEWAY != "sandbox" or found is None:
        raise not_found()
    return found


def find_waiting_payment(booking_id: int) -> Payment | None:
    """The booking's payment that waits for the guest's confirmation at the bank."""
    return Payment.objects.filter(booking_id=booking_id, status=Payment.Status.REQUIRES_ACTION).first()


def has_new_payment(booking_id: int, *, since: datetime) -> bool:
    """Whether a payment that was begun after `since` is still being processed."""
    return Payment.objects.filter(
        booking_id=booking_id, status=Payment.Status.PROCESSING, created_at__gt=since
    ).exists()
