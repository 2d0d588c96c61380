"""A change of an agreed stay: one party proposes it, the other accepts or declines. Property, guest, booking are locked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.selectors.blocks import check_not_blocked
from bookings.models import Booking, StayChange
from bookings.rules.changes import answer_until, decide_change
from bookings.selectors.changes import Wish, check_added_nights, check_may_change, due_of, price_wish, state_of_change
from bookings.services import notifications
from bookings.services.change_effects import apply_change, catch_up_change, end_change, hold_until_paid, open_change_of
from bookings.services.locking import lock_booking, side_of
from bookings.services.transitions import catch_up_booking
from core.api.idempotency import run_once
from core.errors import Code, DomainError, not_found
from core.money import ZERO
from core.said import said
from properties.rules.terms import check_in_at
from properties.selectors.terms import get_terms

MOVES = {"accepted": "accept", "declined": "decline", "withdrawn": "withdraw"}


def propose_change(*, actor: User, booking_id: int, wish: Wish, key: str | None = None, now: datetime) -> int:
    """Proposes other dates or guests to the other party; the change's id. Nothing of the booking changes yet.

    Raises `not_found`, `invalid`, `not_allowed` (blocked), `booking.wrong_state` (also with `params.change` where one is
    open already), `dates.invalid`, `dates.taken`, `stay.too_many_guests`, `stay.not_payable`.
    """
    catch_up_booking(booking_id, now=now)
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.change", fields={"booking": booking_id} | asdict(wish), now=now,
        do=lambda: {"change": _propose(actor, booking_id, wish, now).pk},
    )  # fmt: skip
    return int(done.outcome["change"])


def _propose(actor: User, booking_id: int, wish: Wish, now: datetime) -> StayChange:
    booking = lock_booking(booking_id)
    side = side_of(booking, actor.pk)
    check_not_blocked(actor_id=actor.pk, other_id=booking.host_id if side == "guest" else booking.guest_id)
    if (there := catch_up_change(booking, now)) is not None:
        text = said("A change is proposed already; answer it, or take it back first.")
        raise DomainError(Code.BOOKING_WRONG_STATE, text, params={"status": booking.status, "change": there.pk})
    priced = price_wish(booking, wish, now)
    change = StayChange.objects.create(
        booking=booking, by=side, start_date=priced.start_date, end_date=priced.end_date, number_of_guests=priced.guests,
        old_start_date=booking.start_date, old_end_date=booking.end_date, old_number_of_guests=booking.number_of_guests,
        old_total=booking.total, quote=priced.quote.as_dict(), list_price=priced.list_price, total=priced.quote.total,
        expires_at=answer_until(now, booking.check_in_at, check_in_at(priced.terms, priced.start_date)), created_at=now,
    )  # fmt: skip
    other = "host" if side == "guest" else "guest"
    notifications.notify_parties(booking, other, kind="booking.change_proposed", now=now)
    return change


def answer_change(
    *, actor: User, booking_id: int, change_id: int, status: str, key: str | None = None, now: datetime
) -> int:
    """Accepts, declines or withdraws a change (`status` is a key of MOVES); its id.

    Accepted, it is done at once, and money that a paid stay costs less is on its way back; where it costs more, the nights
    that it adds are held until the guest has paid the difference. Raises `not_found`, `not_allowed` (the wrong side),
    `booking.wrong_state`, `dates.taken`.
    """
    move = MOVES[status]
    catch_up_booking(booking_id, now=now)
    _catch_up(booking_id, now)
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.answer_change", now=now,
        fields={"booking": booking_id, "change": change_id, "move": move},
        do=lambda: {"change": _answer(actor, booking_id, change_id, move, now).pk},
    )  # fmt: skip
    return int(done.outcome["change"])


def _catch_up(booking_id: int, now: datetime) -> None:
    """Ends what has run out of time, and commits that, before the answer is judged."""
    if StayChange.objects.filter(booking_id=booking_id, ended_at=None).exists():
        with transaction.atomic():
            catch_up_change(lock_booking(booking_id), now)


def _answer(actor: User, booking_id: int, change_id: int, move: str, now: datetime) -> StayChange:
    booking = lock_booking(booking_id)
    side = side_of(booking, actor.pk)
    change = StayChange.objects.select_for_update(no_key=True).filter(booking=booking, pk=change_id).first()
    if change is None:
        raise not_found()
    decide_change(state_of_change(change), move, side, now)
    if move == "accept":
        _accept(booking, change, now)
    else:
        ends = {"decline": StayChange.Status.DECLINED, "withdraw": StayChange.Status.WITHDRAWN}
        end_change(booking, change, ends[move], now=now)
    return change


def _accept(booking: Booking, change: StayChange, now: datetime) -> None:
    check_may_change(booking, now)
    terms = get_terms(booking.property_id)
    assert terms is not None  # noqa: S101 - a booking's home is never deleted
    check_added_nights(booking, change.start_date, change.end_date, terms, now)
    is_paid = booking.payment_status == Booking.PaymentStatus.PAID
    if is_paid and due_of(booking, change.total) > ZERO:
        hold_until_paid(booking, change, now=now)
    else:
        apply_change(booking, change, now=now)


def expire_changes(now: datetime) -> int:
    """A clock job: ends changes that were not answered or not paid in time."""
    late = StayChange.objects.filter(status="proposed", expires_at__lte=now) | StayChange.objects.filter(
        status="accepted", pay_by__lte=now
    )
    ids = list(late.order_by("pk").values_list("booking_id", flat=True)[:AT_ONCE])
    return sum(_expire(booking_id, now) for booking_id in ids)


AT_ONCE = 200


def _expire(booking_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            booking = lock_booking(booking_id, skip_locked=True)
            return open_change_of(booking) is not None and catch_up_change(booking, now) is None
    except DomainError:
        return False
