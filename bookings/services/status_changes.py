"""What a party does with a booking: the host approves or rejects, either cancels."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from bookings.models import Booking
from bookings.rules.states import decide
from bookings.services import notifications
from bookings.services.confirming import confirm_booking
from bookings.services.locking import lock_booking, side_of, state_of
from bookings.services.transitions import catch_up_booking, end_booking
from core.api.fields import clean_or_invalid
from core.api.idempotency import run_once

# The status asked for, in the frontend's words too → the move.
MOVES = {
    "confirmed": "approve",
    "approved": "approve",
    "rejected": "reject",
    "cancelled": "cancel",
    "canceled": "cancel",
}


def change_status(
    *, actor: User, booking_id: int, status: str, reason: str = "", key: str | None = None, now: datetime
) -> int:
    """Makes the move that leads to `status` (a key of MOVES) and returns the booking's id.

    Money that a cancellation gives back is on its way when this returns. Raises `not_found`, `not_allowed`,
    `booking.wrong_state`, `invalid` (reason). `key` is the Idempotency-Key.
    """
    move, reason = MOVES[status], clean_or_invalid("reason", reason)
    catch_up_booking(booking_id, now=now)
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.status", now=now,
        fields={"booking": booking_id, "move": move, "reason": reason},
        do=lambda: _move(actor, booking_id, move, reason, now),
    )  # fmt: skip
    return int(done.outcome["booking"])


def _move(actor: User, booking_id: int, move: str, reason: str, now: datetime) -> dict[str, int]:
    booking = lock_booking(booking_id)
    side = side_of(booking, actor.pk)
    if move == "approve":
        _approve(booking, side, now)
    else:
        end_booking(booking, move=move, by=side, reason=reason, now=now)
    return {"booking": booking.pk}


def _approve(booking: Booking, side: str, now: datetime) -> None:
    decide(state_of(booking), "approve", side, now)
    confirm_booking(booking, now=now)
    notifications.notify_parties(booking, "guest", kind="booking.confirmed", now=now)
