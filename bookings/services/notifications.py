"""Notifications about bookings, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from accounts.services.notifications import notify
from bookings.models import Booking
from bookings.titles import title
from core.money import price

BOTH = ("guest", "host")


def tell(booking: Booking, *sides: str, kind: str, now: datetime, amount: Decimal | None = None) -> None:
    """Tells the named sides of `booking` that `kind` happened; `amount` is in the booking's currency."""
    for side in sides:
        user_id, other = (booking.guest_id, booking.host) if side == "guest" else (booking.host_id, booking.guest)
        text = title(
            kind, who=other.name, home=booking.property.title,
            amount="" if amount is None else price(amount, booking.currency), side=side,
        )  # fmt: skip
        notify(
            user_id=user_id, kind=kind, title=text, now=now,
            booking_id=booking.pk, property_id=booking.property_id, negotiation_id=booking.negotiation_id,
        )  # fmt: skip


def notify_both(bookings: Iterable[Booking], *, kind: str, now: datetime) -> None:
    """Tells both parties of each booking what the system did."""
    for booking in bookings:
        tell(booking, *BOTH, kind=kind, now=now)
