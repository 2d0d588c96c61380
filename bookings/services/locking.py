"""The rows a move of a booking locks, always in this order: property, guest, booking."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from bookings.models import Booking
from bookings.rules.states import State
from core.errors import not_found
from properties.models import Property


def lock_booking(booking_id: int, *, skip_locked: bool = False) -> Booking:
    """The booking, with its property, guest and host, locked until the transaction ends. Raises `not_found`.

    With `skip_locked` it raises `not_found` too where another transaction has locked the property; the job runs again.
    """
    known = Booking.objects.filter(pk=booking_id).values_list("property_id", "guest_id").first()
    if known is None:
        raise not_found()
    lock_parties(*known, skip_locked=skip_locked)
    return (
        Booking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("property", "guest", "host")
        .get(pk=booking_id)
    )


def lock_parties(property_id: int, guest_id: int, *, skip_locked: bool = False) -> None:
    """Locks the property's row, then the guest's. Raises `not_found`."""
    how: dict[str, Any] = {"no_key": True, "of": ("self",), "skip_locked": skip_locked}
    locked = Property.objects.select_for_update(**how).filter(pk=property_id).values_list("pk", flat=True).first()
    if locked is None:
        raise not_found()
    list(User.objects.select_for_update(no_key=True, of=("self",)).filter(pk=guest_id).values_list("pk", flat=True))


def state_of(booking: Booking) -> State:
    """What the rules need to know of a booking."""
    return State(
        status=booking.status,
        payment_status=booking.payment_status,
        instant=booking.instant,
        hold_expires_at=booking.hold_expires_at,
        pay_by=booking.pay_by,
        processing_since=booking.processing_since,
        check_out_at=booking.check_out_at,
    )


def side_of(booking: Booking, user_id: int) -> str:
    """The user's side: guest or host. Raises `not_found` for other users."""
    sides = {booking.guest_id: "guest", booking.host_id: "host"}
    if user_id not in sides:
        raise not_found()
    return sides[user_id]
