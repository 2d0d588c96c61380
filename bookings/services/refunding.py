"""Money back to guests: the intent in the transaction that decides it, the gateway after its commit, then the result."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import FAILED, SUCCEEDED, GatewayRefused, GatewayUnreachable, Refunded
from bookings.models import Booking, LedgerLine, Payment, Refund
from bookings.selectors.refunds import get_balance, refundable
from bookings.services import notifications
from bookings.services.locking import lock_booking
from core.errors import Code, DomainError, invalid, not_found

log = logging.getLogger(__name__)
AGAIN_AFTER = timedelta(seconds=60)


def refund_booking(booking: Booking, *, amount: Decimal, reason: str, now: datetime, made_by: str = "") -> list[Refund]:
    """Intents to give back `amount` of what a locked booking's guest paid; the gateway is called after the commit.

    Raises `invalid` for more than is left.
    """
    if not 0 < amount <= refundable(booking.pk):
        raise invalid(amount="More than what is left of the payment can't go back, and nothing can't either.")
    refunds, left = [], amount
    paid = booking.payments.filter(status=Payment.Status.SUCCEEDED, refunded__lt=F("amount"))
    for payment in paid.select_for_update(no_key=True).order_by("-id"):
        part = min(left, payment.amount - payment.refunded)
        refunds.append(refund_payment(payment, amount=part, reason=reason, now=now, made_by=made_by))
        left -= part
        if not left:
            break
    return refunds


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
    transaction.on_commit(partial(settle_refund, refund.pk, now=now), robust=True)
    return refund


def settle_refund(refund_id: int, *, now: datetime) -> None:
    """Has the gateway give the money back, and writes down what it said; without an answer it is asked again later."""
    outside_transactions()
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != Refund.Status.PENDING:
        return
    try:
        answer = _ask(refund)
    except GatewayUnreachable as error:
        log.warning("refund %s: no answer (%s)", refund_id, error)
        return
    except GatewayRefused as error:
        log.error("refund %s: refused (%s)", refund_id, error)
        answer = Refunded(refund.reference, FAILED, str(error))
    record_refund(refund_id, answer, now=now)


def _ask(refund: Refund) -> Refunded:
    payment = refund.payment
    gateway = get_gateway(payment.gateway)
    if refund.reference:
        return gateway.refund_status(refund.reference)
    return gateway.refund(payment.reference, refund.amount, payment.currency, refund.key)


def record_refund(refund_id: int, answer: Refunded, *, now: datetime) -> None:
    """Writes down what the gateway made of a refund, once: the ledger's line, the booking's payment status, the news."""
    booking_id = Refund.objects.values_list("booking_id", flat=True).get(pk=refund_id)
    with transaction.atomic():
        booking = lock_booking(booking_id)
        refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
        if refund.status != Refund.Status.PENDING:
            return
        refund.reference, refund.failure = answer.reference, answer.failure[:200]
        if answer.status in (SUCCEEDED, FAILED):
            refund.status, refund.settled_at, refund.check_at = answer.status, now, None
        refund.save()
        if answer.status == SUCCEEDED:
            _money_went_back(booking, refund, now)
        elif answer.status == FAILED:
            Payment.objects.filter(pk=refund.payment_id).update(refunded=F("refunded") - refund.amount)


def _money_went_back(booking: Booking, refund: Refund, now: datetime) -> None:
    LedgerLine.objects.create(booking=booking, refund=refund, amount=-refund.amount, currency=booking.currency, at=now)
    set_payment_status(booking, now)
    notifications.tell(booking, *notifications.BOTH, kind="booking.refunded", now=now, amount=refund.amount)


def set_payment_status(booking: Booking, now: datetime) -> None:
    """The payment status of a locked booking as its money tells it, unless another payment runs."""
    if booking.payments.filter(status__in=Payment.RUNNING).exists():
        return
    booking.payment_status = get_balance(booking.pk).payment_status_of(booking.total)
    booking.processing_since, booking.updated_at = None, now
    booking.save(update_fields=["payment_status", "processing_since", "updated_at"])


def retry_refund(refund_id: int, *, now: datetime) -> Refund:
    """A new attempt, of the same payment, for a refund that the gateway refused; one for each.

    Raises `not_found`, and `booking.wrong_state` for one that was not refused, was tried again already, or is more than
    is left of its payment.
    """
    booking_id = Refund.objects.filter(pk=refund_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise not_found()
    with transaction.atomic():
        lock_booking(booking_id)
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        if refund.status != Refund.Status.FAILED or Refund.objects.filter(retry_of=refund).exists():
            raise DomainError(Code.BOOKING_WRONG_STATE, "Only a refused refund can be tried again, and once.")
        if refund.amount > refund.payment.amount - refund.payment.refunded:
            raise DomainError(Code.BOOKING_WRONG_STATE, "So much is not left of its payment.")
        return refund_payment(
            refund.payment, amount=refund.amount, reason=refund.reason, now=now, made_by=refund.made_by, retry_of=refund
        )
