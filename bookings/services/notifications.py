"""Notifications about bookings, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from accounts import roles
from accounts.languages import speaking_to
from accounts.selectors.staff import list_staff
from accounts.services.notifications import notify
from bookings.models import Booking
from bookings.titles import title
from core.amounts import price

BOTH = ("guest", "host")


def notify_parties(
    booking: Booking, *sides: str, kind: str, now: datetime, amount: Decimal | None = None, variant: str = ""
) -> None:
    """Tells the named sides of `booking` that `kind` happened; `amount` is in the booking's currency."""
    for side in sides:
        user_id, other = (booking.guest_id, booking.host) if side == "guest" else (booking.host_id, booking.guest)
        _notify(booking, user_id, kind, variant or side, now=now, who=other.name, amount=amount)


def notify_staff(
    booking: Booking, *, kind: str, now: datetime, amount: Decimal | None = None, variant: str = "staff"
) -> None:
    """Tells superusers and the finance role. A party of the booking among them gets the party's notification instead."""
    for user_id in list_staff(roles.FINANCE):
        if user_id not in (booking.guest_id, booking.host_id):
            _notify(booking, user_id, kind, variant, now=now, who=booking.guest.name, amount=amount)


def _notify(
    booking: Booking, user_id: int, kind: str, side: str, *, now: datetime, who: str, amount: Decimal | None
) -> None:
    with speaking_to(user_id):
        text = title(
            kind, who=who, home=booking.property.title, number=booking.pk,
            amount="" if amount is None else price(amount, booking.currency), side=side,
        )  # fmt: skip
    # Staff get only the number of a stay that is not theirs; it leads into the admin.
    is_party = user_id in (booking.guest_id, booking.host_id)
    notify(
        user_id=user_id, kind=kind, title=text, now=now, booking_id=booking.pk,
        property_id=booking.property_id if is_party else None,
        negotiation_id=booking.negotiation_id if is_party else None,
    )  # fmt: skip


def notify_refund_failed(booking: Booking, *, amount: Decimal, now: datetime) -> None:
    """Tells both parties and staff that a refund is owed which the gateway refused."""
    notify_parties(booking, *BOTH, kind="booking.refund_failed", now=now, amount=amount)
    notify_staff(booking, kind="booking.refund_failed", now=now, amount=amount)


def notify_both(bookings: Iterable[Booking], *, kind: str, now: datetime) -> None:
    """Tells both parties of each booking what the system did."""
    for booking in bookings:
        notify_parties(booking, *BOTH, kind=kind, now=now)
