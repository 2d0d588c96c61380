"""Refunds: the intent in the transaction that decides it, the gateway after its commit, then the result.

A refused refund stays owed: the parties are told once, and the clock tries again with growing pauses.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import GatewayRefused, GatewayUnreachable, Refunded
from bookings.models import Booking, Dispute, Payment, Refund
from bookings.rules.retries import pause_after
from bookings.selectors.refunds import left_of, refundable
from bookings.services import notifications
from bookings.services.gateway_refunds import record_refunds
from bookings.services.locking import lock_booking
from bookings.services.refund_outcomes import record_refund
from core.errors import Code, DomainError, invalid, not_found
from core.lanes import payments
from core.money import is_whole
from core.said import said

log = logging.getLogger(__name__)
AGAIN_AFTER = timedelta(seconds=60)


def refund_booking(booking: Booking, *, amount: Decimal, reason: str, now: datetime, made_by: str = "") -> list[Refund]:
    """Intents to give back `amount` of what a locked booking's guest paid; the gateway is called after the commit.

    Disputed money waits until the dispute is decided. Raises `invalid` for more than is left.
    """
    payments = booking.payments.filter(status=Payment.Status.SUCCEEDED).select_for_update(no_key=True)
    refunds, due = [], amount
    for payment in payments.order_by("surplus", "-id"):
        part = min(due, left_of(payment))
        if part > 0:
            refunds.append(refund_payment(payment, amount=part, reason=reason, now=now, made_by=made_by))
            due -= part
    if due or not refunds:
        raise invalid(amount="More than what is left of the payment can't go back, and nothing can't either.")
    return refunds


def refund_by_hand(booking: Booking, *, amount: Decimal, made_by: str, now: datetime) -> list[Refund]:
    """As `refund_booking`, for staff: raises `invalid` also for what is disputed, and for parts of the smallest unit."""
    if not is_whole(amount, booking.currency):
        raise invalid(
            amount=said(
                "%(currency)s is paid in whole units; give an amount without hundredths.", currency=booking.currency
            )
        )
    if not 0 < amount <= refundable(booking.pk):
        raise invalid(amount="More than what is left of the payment can't go back, and nothing can't either.")
    return refund_booking(booking, amount=amount, reason="by_staff", now=now, made_by=made_by)


def refund_payment(
    payment: Payment, *, amount: Decimal, reason: str, now: datetime, made_by: str = "", retry_of: Refund | None = None
) -> Refund:
    """An intent to give back `amount` (no more than is left of it) of one payment whose booking is locked."""
    payment.refunded += amount
    payment.save(update_fields=["refunded"])
    refund = Refund.objects.create(
        payment=payment, booking_id=payment.booking_id, amount=amount, key=uuid4(), reason=reason, made_by=made_by,
        retry_of=retry_of, check_at=now + AGAIN_AFTER, created_at=now,
    )  # fmt: skip
    transaction.on_commit(lambda: settle_refund(refund.pk, now=now), robust=True)
    return refund


@payments.enter()
def settle_refund(refund_id: int, *, now: datetime) -> None:
    """Has the gateway give the money back, and records its answer; without an answer the clock asks again later.

    It first asks what went back at the gateway itself, so that it never requests more than is left.
    """
    outside_transactions()
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != Refund.Status.PENDING or _is_disputed(refund):
        return
    try:
        answer = _ask(refund, now)
    except GatewayUnreachable as error:
        log.warning("refund %s: no answer (%s)", refund_id, error)
    except GatewayRefused as error:
        log.error("refund %s: refused (%s)", refund_id, error)
        postpone_refund(refund_id, refund.key, str(error), now=now)
    else:
        if answer is not None:
            record_refund(refund_id, answer, now=now)


def _is_disputed(refund: Refund) -> bool:
    return Dispute.objects.filter(payment_id=refund.payment_id, status=Dispute.Status.OPEN).exists()


def _ask(refund: Refund, now: datetime) -> Refunded | None:
    """The gateway's answer; None where nothing is left to do."""
    payment = refund.payment
    gateway = get_gateway(payment.gateway)
    if refund.reference:
        return gateway.refund_status(refund.reference)
    record_refunds(payment.pk, gateway.refunds_of(payment.reference), now=now)
    refund.refresh_from_db(fields=["status", "amount", "reference", "key"])
    if refund.status != Refund.Status.PENDING or refund.reference:
        return None
    return gateway.refund(payment.reference, refund.amount, payment.currency, refund.key)


def postpone_refund(refund_id: int, key: object, why: str, *, now: datetime) -> None:
    """Writes down that the gateway refused a refund: it stays owed, and is asked for again later, with a new key.

    `key` is the one that was refused: of two processes that were refused at once, one counts. The first refusal is told
    to both parties and to staff.
    """
    with transaction.atomic():
        booking = lock_booking(Refund.objects.values_list("booking_id", flat=True).get(pk=refund_id))
        refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
        if refund.status != Refund.Status.PENDING or refund.reference or refund.key != key:
            return
        refund.tries, refund.failure, refund.key = refund.tries + 1, why[:200], uuid4()
        refund.check_at = now + pause_after(refund.tries)
        refund.save(update_fields=["tries", "failure", "key", "check_at"])
        if refund.tries == 1:
            notifications.notify_refund_failed(booking, amount=refund.amount, now=now)


def retry_refund(refund_id: int, *, now: datetime) -> Refund:
    """Asks for a refund that is owed at once, without waiting for its pause; one that failed is tried again, once.

    Raises `not_found`, and `booking.wrong_state` for one that is not owed, or is more than is left of its payment.
    """
    booking_id = Refund.objects.filter(pk=refund_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise not_found()
    with transaction.atomic():
        lock_booking(booking_id)
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        again = Refund.objects.filter(retry_of=refund).first() or refund
        if again.status == Refund.Status.PENDING:
            transaction.on_commit(lambda: settle_refund(again.pk, now=now), robust=True)
            return again
        if again is not refund or refund.status != Refund.Status.FAILED:
            raise DomainError(Code.BOOKING_WRONG_STATE, "Only a refund that is still owed can be tried again.")
        if refund.amount > left_of(refund.payment):
            raise DomainError(Code.BOOKING_WRONG_STATE, "So much is not left of its payment.")
        return refund_payment(
            refund.payment, amount=refund.amount, reason=refund.reason, now=now, made_by=refund.made_by, retry_of=refund
        )
