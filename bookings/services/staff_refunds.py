"""Refunds that staff make by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from bookings.models import Refund
from bookings.services.locking import lock_booking
from bookings.services.refunding import refund_booking


def refund_by_staff(*, booking_id: int, amount: Decimal, made_by: str, now: datetime) -> list[Refund]:
    """Gives back `amount`, in the booking's currency, of what is kept; `made_by` is a user name.

    Raises `not_found`, `invalid` for more than is left.
    """
    with transaction.atomic():
        return refund_booking(lock_booking(booking_id), amount=amount, reason="by_staff", made_by=made_by, now=now)
