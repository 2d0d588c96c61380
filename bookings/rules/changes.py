"""What may happen to a proposed change of a stay, which nights it adds, and what it costs. Pure.

| status   | accept     | decline    | withdraw | pay   | expire        |
|----------|------------|------------|----------|-------|---------------|
| proposed | the other  | the other  | its own  |       | at expires_at |
| accepted |            |            |          | guest | at pay_by     |
| the rest |            |            |          |       |               |

A payment that runs carries `pay_by` as it carries a booking's. Only a confirmed stay that has not begun, is paid, due or
settled on arrival, and is not disputed can be changed. Source: docs/rest.md, "Booking".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bookings.rules.deadlines import hold_ends
from core.errors import Code, DomainError
from core.money import CENT, round_money
from core.said import as_said, said

# How long the other side has to answer; never beyond check-in.
ANSWER_WITHIN = timedelta(hours=24)
CHANGEABLE = frozenset({"due", "paid", "on_arrival"})
# For the catalogue: refusals name a status.
STATUS_WORDS = (
    said("proposed"),
    said("accepted"),
    said("done"),
    said("declined"),
    said("withdrawn"),
    said("expired"),
    said("cancelled"),
)
AFTER = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}


@dataclass(frozen=True, slots=True)
class ChangeState:
    """The facts of a change that decide what may happen to it."""

    status: str
    by: str
    expires_at: datetime
    pay_by: datetime | None
    processing_since: datetime | None


def change_status_at(state: ChangeState, now: datetime) -> str:
    """The status as of `now`: what has run out of time is over, even before the clock's job has ended it."""
    if state.status == "proposed":
        return "expired" if state.expires_at <= now else "proposed"
    if state.status == "accepted" and state.pay_by is not None:
        return "expired" if hold_ends(state.pay_by, state.processing_since) <= now else "accepted"
    return state.status


def decide_change(state: ChangeState, move: str, side: str, now: datetime) -> None:
    """Raises `not_allowed` for the wrong side, and `booking.wrong_state` where the change is no longer proposed."""
    if (move == "withdraw") != (side == state.by):
        raise DomainError(Code.NOT_ALLOWED, "The other side of the booking does that.")
    status = change_status_at(state, now)
    if status != "proposed":
        text = said("The change is %(status)s; that can't be done now.", status=as_said(status))
        raise DomainError(Code.BOOKING_WRONG_STATE, text, params={"change_status": status})


def check_changeable(
    *, status: str, payment_status: str, check_in_at: datetime, is_disputed: bool, now: datetime
) -> None:
    """Raises `booking.wrong_state` for a booking that can't be changed now."""
    params = {"status": status, "payment_status": payment_status}
    if status != "confirmed" or check_in_at <= now:
        text = said("Only a confirmed stay that has not begun can be changed.")
    elif payment_status == "processing":
        text = said("A payment is under way; wait until it is done.")
    elif payment_status not in CHANGEABLE or is_disputed:
        text = said("Money of this stay went back or is disputed; it can't be changed any more.")
    else:
        return
    raise DomainError(Code.BOOKING_WRONG_STATE, text, params=params)


def added_nights(old: tuple[date, date], new: tuple[date, date]) -> list[tuple[date, date]]:
    """The spans, half-open, of `new` that are not in `old`: none, one or two."""
    before = (new[0], min(new[1], old[0]))
    after = (max(new[0], old[1]), new[1])
    return [span for span in (before, after) if span[0] < span[1]]


def changed_stay_price(list_price: Decimal, *, agreed: Decimal, agreed_of: Decimal, unit: Decimal = CENT) -> Decimal:
    """The price of the nights: today's `list_price`, less the share that was haggled off (`agreed` of `agreed_of`)."""
    if not agreed_of or agreed >= agreed_of:
        return list_price
    return round_money(list_price * agreed / agreed_of, unit)


def answer_until(now: datetime, *check_ins: datetime) -> datetime:
    """Until when a change that is proposed at `now` may be accepted: a day, and no later than any of the check-ins."""
    return min(now + ANSWER_WITHIN, *check_ins)
