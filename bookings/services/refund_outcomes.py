"""Records what a gateway says about refunds, once; its news may come in any order and repeatedly."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from bookings.gateways.base import FAILED, PENDING, SUCCEEDED, Refunded
from bookings.models import Booking, LedgerLine, Payment, Refund
from bookings.rules.retries import pause_after
from bookings.services import notifications
from bookings.services.locking import lock_booking
from bookings.services.payment_status import set_payment_status
from core.money import ZERO


def record_refund(refund_id: int, answer: Refunded, *, now: datetime) -> None:
    """Writes down what the gateway made of a refund: the ledger's line, the booking's payment status, the news.

    A refund that succeeded may fail days later: its line is reversed, and it is owed again. A failed refund stays failed,
    whatever comes later.
    """
    booking_id = Refund.objects.values_list("booking_id", flat=True).get(pk=refund_id)
    with transaction.atomic():
        booking = lock_booking(booking_id)
        refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
        note_refund(booking, refund, answer, now)


def note_refund(booking: Booking, refund: Refund, answer: Refunded, now: datetime) -> None:
    """`record_refund` for rows that are locked."""
    if refund.status == Refund.Status.FAILED:
        return
    if answer.status == FAILED:
        _failed(booking, refund, answer, now)
    elif refund.status != Refund.Status.SUCCEEDED:
        _went_on(booking, refund, answer, now)


def _went_on(booking: Booking, refund: Refund, answer: Refunded, now: datetime) -> None:
    """Records a refund that is on its way or has arrived, also one that had been given up as not needed."""
    counted = ZERO if refund.status == Refund.Status.COVERED else refund.amount
    refund.amount = answer.amount or refund.amount
    refund.reference, refund.failure = answer.reference, ""
    refund.status = Refund.Status.SUCCEEDED if answer.status == SUCCEEDED else Refund.Status.PENDING
    if answer.status == PENDING:
        refund.check_at = refund.check_at or now + pause_after(1)
    else:
        refund.settled_at, refund.check_at = now, None
    refund.save()
    if refund.amount != counted:
        count_returned(refund.payment_id, refund.amount - counted, now=now)
    if answer.status == SUCCEEDED:
        _write_line(booking, refund, now)
        notifications.notify_parties(
            booking, *notifications.BOTH, kind="booking.refunded", now=now, amount=refund.amount
        )


def count_returned(payment_id: int, amount: Decimal, *, now: datetime) -> None:
    """Counts money that goes back of a payment at the gateway towards what is owed of it. The booking is locked."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    payment.refunded += amount - cover_owed(payment, amount, now=now)
    payment.refunded = min(payment.refunded, payment.amount)
    payment.save(update_fields=["refunded"])


def cover_owed(payment: Payment, amount: Decimal, *, now: datetime) -> Decimal:
    """Subtracts `amount`, which went back there, from refunds owed and not on their way. Returns how much of it."""
    covered = ZERO
    owed = payment.refunds.select_for_update(no_key=True).filter(status=Refund.Status.PENDING, reference="")
    for refund in owed.order_by("id"):
        part = min(amount - covered, refund.amount)
        if part <= 0:
            break
        covered += part
        if part == refund.amount:
            refund.status, refund.settled_at, refund.check_at = Refund.Status.COVERED, now, None
        else:
            refund.amount -= part
        refund.save()
    return covered


def _write_line(booking: Booking, refund: Refund, now: datetime, sign: int = -1) -> None:
    LedgerLine.objects.create(
        booking=booking, refund=refund, amount=sign * refund.amount, currency=booking.currency, at=now
    )
    set_payment_status(booking, now)


def _failed(booking: Booking, refund: Refund, answer: Refunded, now: datetime) -> None:
    was = refund.status
    refund.reference, refund.failure = answer.reference, answer.failure[:200]
    refund.status, refund.settled_at, refund.check_at = Refund.Status.FAILED, now, None
    refund.save()
    if was == Refund.Status.COVERED:
        return
    if was == Refund.Status.SUCCEEDED:
        _write_line(booking, refund, now, sign=1)
    _owe_again(refund, now)
    if was == Refund.Status.SUCCEEDED or refund.tries == 0:
        notifications.notify_refund_failed(booking, amount=refund.amount, now=now)


def _owe_again(refund: Refund, now: datetime) -> None:
    """Plans the next try of the refund; its payment still counts it as on its way."""
    tries = refund.tries + 1
    Refund.objects.create(
        payment_id=refund.payment_id, booking_id=refund.booking_id, amount=refund.amount, key=uuid4(), tries=tries,
        reason=refund.reason, made_by=refund.made_by, retry_of=refund, failure=refund.failure,
        check_at=now + pause_after(tries), created_at=now,
    )  # fmt: skip
