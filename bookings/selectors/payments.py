"""Payments as those see them who come from outside."""

from __future__ import annotations

from django.conf import settings

from bookings.models import Payment
from core.errors import not_found


def get_sandbox_payment(reference: str) -> Payment:
    """The sandbox's payment of that reference. Raises `not_found`, also where the sandbox is off."""
    found = Payment.objects.select_related("booking__property").filter(gateway="sandbox", reference=reference).first()
    if settings.PAYMENT_GATEWAY != "sandbox" or found is None:
        raise not_found()
    return found
