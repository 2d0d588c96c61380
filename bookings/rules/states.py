"""What may happen to a booking: one table of status × move × side, and the conditions that no table shows.

Source: docs/rest.md, "Booking". Pure: the same booking and the same `now` always give the same answer.

| status    | approve | reject | cancel      | pay           | expire | cancel_unpaid | complete |
|-----------|---------|--------|-------------|---------------|--------|---------------|----------|
| pending   | host ¹  | host   | guest, host | guest ²       | system |               |          |
| confirmed |         |        | guest, host | guest         |        | system        | system   |
| the rest  |         |        |             |               |        |               |          |

¹ a request only: what was reserved by instant book is confirmed by its payment alone. ² instant book only.
While a payment runs (at most 30 minutes) the system neither expires nor cancels anything; a person may end it all the
same, or pay again, which gives up the payment that runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.rules.deadlines import hold_ends
from core.errors import Code, DomainError
from core.said import as_said, said

GUEST, HOST, SYSTEM = SIDES = ("guest", "host", "system")
PENDING, CONFIRMED, REJECTED, CANCELLED, EXPIRED, COMPLETED = STATUSES = (
    "pending", "confirmed", "rejected", "cancelled", "expired", "completed",
)  # fmt: skip
DUE, PROCESSING, PAID, PARTLY_REFUNDED, REFUNDED, ON_ARRIVAL = PAYMENT_STATUSES = (
    "due", "processing", "paid", "partly_refunded", "refunded", "on_arrival",
)  # fmt: skip
# For the catalogue: refusals name a state.
STATUS_WORDS = (
    said("pending"),
    said("confirmed"),
    said("rejected"),
    said("cancelled"),
    said("expired"),
    said("completed"),
)
MOVES = ("approve", "reject", "cancel", "pay", "expire", "cancel_unpaid", "complete")

TABLE: dict[tuple[str, str], tuple[str, frozenset[str]]] = {
    ("pending", "approve"): ("confirmed", frozenset({HOST})),
    ("pending", "reject"): ("rejected", frozenset({HOST})),
    ("pending", "cancel"): ("cancelled", frozenset({GUEST, HOST})),
    ("pending", "pay"): ("confirmed", frozenset({GUEST})),
    ("pending", "expire"): ("expired", frozenset({SYSTEM})),
    ("confirmed", "cancel"): ("cancelled", frozenset({GUEST, HOST})),
    ("confirmed", "pay"): ("confirmed", frozenset({GUEST})),
    ("confirmed", "cancel_unpaid"): ("cancelled", frozenset({SYSTEM})),
    ("confirmed", "complete"): ("completed", frozenset({SYSTEM})),
}
# Stays that may still take place.
ACTIVE = (PENDING, CONFIRMED)
# Moves that time alone brings about.
BY_TIME = frozenset({"expire", "cancel_unpaid", "complete"})
# The sides that may ever ask for a move, in any state.
MOVERS = {move: frozenset().union(*(s for (_, m), (_, s) in TABLE.items() if m == move)) for move in MOVES}
# Statuses without a stay, for which nothing is to be paid.
OVER = frozenset({"rejected", "cancelled", "expired"})
UNPAID = (DUE, PROCESSING)


@dataclass(frozen=True, slots=True)
class State:
    """The facts of a booking that decide what may happen to it."""

    status: str
    payment_status: str
    instant: bool
    hold_expires_at: datetime | None
    pay_by: datetime | None
    processing_since: datetime | None
    check_out_at: datetime


def status_at(state: State, now: datetime) -> str:
    """The status as of `now`: what has run out of time is over, even before the clock's job has ended it."""
    if state.status == "pending" and state.hold_expires_at is not None:
        return "expired" if hold_ends(state.hold_expires_at, state.processing_since) <= now else "pending"
    if state.status != "confirmed":
        return state.status
    if is_expired(state, now):
        return "cancelled"
    return "completed" if state.check_out_at <= now else "confirmed"


def is_expired(state: State, now: datetime) -> bool:
    """Whether an agreed stay was not paid in time."""
    if state.status != "confirmed" or state.payment_status not in UNPAID or state.pay_by is None:
        return False
    return hold_ends(state.pay_by, state.processing_since) <= now


def due_move(state: State, now: datetime) -> str | None:
    """The move that time alone has brought about: expire, cancel_unpaid or complete."""
    after = status_at(state, now)
    if after == state.status:
        return None
    return {"expired": "expire", "cancelled": "cancel_unpaid", "completed": "complete"}[after]


def ended_at(state: State, move: str, now: datetime) -> datetime:
    """When `move` ended a booking; for moves of time alone, the moment at which the time ran out."""
    until = {"expire": state.hold_expires_at, "cancel_unpaid": state.pay_by}.get(move)
    return hold_ends(until, state.processing_since) if until else now


def decide(state: State, move: str, side: str, now: datetime) -> str:
    """The status after `side` makes `move`.

    Raises `not_allowed` where that side never makes it, `booking.wrong_state` where the state does not allow it,
    and for `pay` `payment.already_paid` and `payment.not_offered`.
    """
    if side not in MOVERS[move]:
        raise DomainError(Code.NOT_ALLOWED, "The other side of the booking does that.")
    now_is = state.status if side == SYSTEM else status_at(state, now)
    if move == "pay" and now_is not in OVER:
        _check_payable(state)
    after, sides = TABLE.get((now_is, move), ("", frozenset()))
    if side not in sides or _is_barred(state, move, now):
        raise wrong_state(now_is, state.payment_status)
    return after


def _is_barred(state: State, move: str, now: datetime) -> bool:
    """The table's footnotes."""
    if state.status == "pending" and move in ("approve", "pay"):
        return state.instant == (move == "approve")
    return move in BY_TIME and due_move(state, now) != move


def _check_payable(state: State) -> None:
    if state.payment_status == "on_arrival":
        raise DomainError(Code.PAYMENT_NOT_OFFERED, "This stay is paid on arrival.")
    if state.payment_status in ("paid", "partly_refunded", "refunded"):
        raise DomainError(Code.PAYMENT_ALREADY_PAID, "This booking is paid.")


def wrong_state(status: str, payment_status: str = "") -> DomainError:
    """`booking.wrong_state`, with what the booking is now."""
    params = {"status": status} | ({"payment_status": payment_status} if payment_status else {})
    return DomainError(
        Code.BOOKING_WRONG_STATE,
        said("The booking is %(status)s; that can't be done now.", status=as_said(status)),
        params=params,
    )
