"""Refunds that staff make by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from bookings.services.locking import lock_booking
from bookings.services.refunding import refund_by_hand
from core.api.idempotency import run_once


def refund_by_staff(
    *, actor: User, booking_id: int, amount: Decimal, key: str | None = None, now: datetime
) -> list[int]:
    """Gives back `amount`, in the booking's currency, of the money kept. Returns the refunds' ids.

    `key` is the form's: sent twice it gives back once. Raises `not_found`, `invalid` for more than is left.
    """
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.staff_refund", now=now,
        fields={"booking": booking_id, "amount": amount},
        do=lambda: {"refunds": _refund(actor, booking_id, amount, now)},
    )  # fmt: skip
    return list(done.outcome["refunds"])


def _refund(actor: User, booking_id: int, amount: Decimal, now: datetime) -> list[int]:
    booking = lock_booking(booking_id)
    made = refund_by_hand(booking, amount=amount, made_by=actor.get_username(), now=now)
    return [refund.pk for refund in made]
