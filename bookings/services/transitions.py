"""Ends bookings: the same commit frees the nights and starts refunds."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.models import Booking, StayChange
from bookings.rules.states import decide, due_move, ended_at
from bookings.selectors.refunds import preview_refund
from bookings.services import notifications, refunding
from bookings.services.change_effects import end_change, open_change_of
from bookings.services.locking import lock_booking, state_of
from bookings.services.payment_status import set_payment_status
from bookings.services.settling import give_up_running
from core import hooks
from properties.services.calendar import free_nights

# move → the kind of its notification
KINDS = {
    "reject": "booking.rejected",
    "cancel": "booking.cancelled",
    "cancel_unpaid": "booking.cancelled",
    "expire": "booking.expired",
}
REASONS = {"cancel_unpaid": "Nobody paid in time.", "expire": "The reservation ran out of time."}
OTHER = {"guest": ("host",), "host": ("guest",), "system": notifications.BOTH}


def end_booking(booking: Booking, *, move: str, by: str, now: datetime, reason: str = "") -> None:
    """Ends a locked booking by `move` of `by` (guest, host, system); raises what the rules say against it.

    A paid one gives back what its policy says; a payment that runs is given up. Nights of an agreed stay that was not
    paid are offered to superseded rivals (`nights_freed`).
    """
    state = state_of(booking)
    after = decide(state, move, by, now)
    back = preview_refund(booking, by=by, status=booking.status, now=now).amount
    if (change := open_change_of(booking)) is not None:
        end_change(booking, change, StayChange.Status.CANCELLED, now=now)
    give_up_running(booking, REASONS.get(move, "The booking is over."), now=now)
    entry_id = booking.calendar_entry_id
    booking.status, booking.ended_by, booking.updated_at = after, by, now
    booking.ended_at = ended_at(state, move, now)
    booking.reason, booking.unpaid = reason or REASONS.get(move, ""), move == "cancel_unpaid"
    booking.calendar_entry = None
    booking.save()
    set_payment_status(booking, now)
    if entry_id is not None:
        free_nights(entry_id, property_id=booking.property_id, now=now)
    notifications.notify_parties(booking, *OTHER[by], kind=KINDS[move], now=now)
    if back:
        refunding.refund_booking(booking, amount=back, reason="cancelled", now=now)
    if move == "cancel_unpaid":
        hooks.nights_freed(
            property_id=booking.property_id, start_date=booking.start_date, end_date=booking.end_date, now=now
        )


def catch_up(booking: Booking, now: datetime) -> bool:
    """Makes the move that time alone has brought about for a locked booking. Returns whether there was one."""
    move = due_move(state_of(booking), now)
    if move is None:
        return False
    if move == "complete":
        booking.status, booking.updated_at = Booking.Status.COMPLETED, now
        booking.save(update_fields=["status", "updated_at"])
    else:
        end_booking(booking, move=move, by="system", now=now)
    return True


def catch_up_booking(booking_id: int, *, now: datetime) -> None:
    """Makes and commits the move that time alone has brought about, before a party's move is judged. Ignores an unknown id."""
    known = Booking.objects.filter(pk=booking_id).first()
    if known is None or due_move(state_of(known), now) is None:
        return
    with transaction.atomic():
        catch_up(lock_booking(booking_id), now)
