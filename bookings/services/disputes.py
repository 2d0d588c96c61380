"""Records what a gateway says about disputes; its news may come in any order and repeatedly.

While a dispute is open no refund goes out by itself. A lost one is a line of the ledger, since the bank took the money, and
counts towards what is owed. After a won one, refunds that a cancellation meanwhile called for go out.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.gateways.base import LOST, OPEN, Disputed
from bookings.models import Booking, Dispute, LedgerLine, Payment, Refund
from bookings.services import notifications
from bookings.services.locking import lock_booking
from bookings.services.payment_status import set_payment_status
from bookings.services.refund_outcomes import cover_owed
from bookings.services.refunding import settle_refund


def record_dispute(payment_id: int, answer: Disputed, *, told_at: datetime, now: datetime) -> None:
    """Writes down a dispute of a payment as the gateway told of it at `told_at`."""
    with transaction.atomic():
        booking = lock_booking(Payment.objects.values_list("booking_id", flat=True).get(pk=payment_id))
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
        if payment.status != Payment.Status.SUCCEEDED:
            return
        dispute = payment.disputes.filter(reference=answer.reference).first()
        if dispute is None:
            dispute = _open(booking, payment, answer, told_at, now)
        if answer.status != dispute.status and _is_news(dispute, answer, told_at):
            _close(booking, payment, dispute, answer, told_at, now)


def _is_news(dispute: Dispute, answer: Disputed, told_at: datetime) -> bool:
    """Whether the news changes anything: a decided dispute never opens again, but an appeal may decide it otherwise later."""
    return dispute.status == OPEN or (answer.status != OPEN and told_at > dispute.told_at)


def _open(booking: Booking, payment: Payment, answer: Disputed, told_at: datetime, now: datetime) -> Dispute:
    dispute = Dispute.objects.create(
        payment=payment, booking=booking, reference=answer.reference, amount=answer.amount, reason=answer.reason,
        created_at=now, told_at=told_at,
    )  # fmt: skip
    notifications.notify_parties(booking, "host", kind="booking.disputed", now=now, amount=answer.amount)
    notifications.notify_staff(booking, kind="booking.disputed", now=now, amount=answer.amount)
    return dispute


def _close(
    booking: Booking, payment: Payment, dispute: Dispute, answer: Disputed, told_at: datetime, now: datetime
) -> None:
    was = dispute.status
    dispute.status, dispute.amount, dispute.closed_at, dispute.told_at = answer.status, answer.amount, now, told_at
    dispute.save()
    if answer.status == LOST:
        payment.refunded -= cover_owed(payment, dispute.amount, now=now)
        payment.save(update_fields=["refunded"])
    if LOST in (was, answer.status):
        _write_line(booking, dispute, now)
    kind, amount, variant = "booking.disputed", dispute.amount, answer.status
    notifications.notify_parties(booking, "host", kind=kind, now=now, amount=amount, variant=variant)
    notifications.notify_staff(booking, kind=kind, now=now, amount=amount, variant=variant)
    _release(payment, now)


def _write_line(booking: Booking, dispute: Dispute, now: datetime) -> None:
    """Makes the ledger's lines of a dispute add up to what it took: all where it is lost, nothing where that was undone."""
    taken = -sum(dispute.lines.values_list("amount", flat=True))
    due = dispute.amount if dispute.status == LOST else 0
    if due != taken:
        LedgerLine.objects.create(
            booking=booking, dispute=dispute, amount=taken - due, currency=booking.currency, at=now
        )
        set_payment_status(booking, now)


def _release(payment: Payment, now: datetime) -> None:
    """Sends refunds that waited for the dispute, unless another dispute of the payment is open."""
    for refund in payment.refunds.filter(status=Refund.Status.PENDING):
        refund.check_at = now
        refund.save(update_fields=["check_at"])
        _settle_after_commit(refund.pk, now)


def _settle_after_commit(refund_id: int, now: datetime) -> None:
    transaction.on_commit(lambda: settle_refund(refund_id, now=now), robust=True)
