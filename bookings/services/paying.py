"""Paying: write the intent, commit, call the gateway outside any transaction, write the result.

A process may die between any two of these; `reconciling` asks the gateway and finishes what was begun. Nothing is
charged twice, since the gateway takes a payment's key once, and nothing is forgotten, since the intent is committed
before the gateway hears of it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from accounts.models import User
from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import GatewayRefused, GatewayUnreachable
from bookings.models import Booking, Payment, StayChange
from bookings.rules.states import decide, wrong_state
from bookings.selectors.changes import get_payable_change
from bookings.services.change_effects import carry_change
from bookings.services.confirming import carry_hold
from bookings.services.locking import lock_booking, side_of, state_of
from bookings.services.settling import fail_payment, give_up_payment, order_of, record_charge, void_given_up
from bookings.services.transitions import catch_up_booking
from core.api.idempotency import run_once
from core.errors import Code, DomainError
from core.lanes import payments

log = logging.getLogger(__name__)
# How long the clock waits before it first asks about a payment whose process did not finish, or whose answer was lost.
FIRST_CHECK = timedelta(seconds=20)
LOST_ANSWER_CHECK = timedelta(seconds=5)


@payments.enter()
def start_payment(*, actor: User, booking_id: int, method: str, token: str, key: str | None, now: datetime) -> Payment:
    """Pays a booking in full; the server computes the amount. Returns the payment as it is then.

    `succeeded`, `requires_action` (with `action_url`) or `processing`, where no answer came yet. Raises
    `payment.declined`, `payment.already_paid`, `payment.not_offered`, `booking.wrong_state`, `not_found`,
    `not_allowed` (the host), `invalid` (token). `key` is the Idempotency-Key.
    """
    gateway = get_gateway()
    gateway.check_token(token)
    catch_up_booking(booking_id, now=now)
    done = run_once(
        account_id=actor.pk, key=key, kind="booking.pay", now=now,
        fields={"booking": booking_id, "method": method, "token": token},
        do=lambda: {"payment": write_intent(actor, booking_id, method, gateway.name, now).pk},
    )  # fmt: skip
    if not done.replayed:
        void_given_up(booking_id, now=now)
        charge_payment(done.outcome["payment"], token, now=now)
    payment = Payment.objects.select_related("booking").get(pk=done.outcome["payment"])
    if payment.status == Payment.Status.FAILED:
        raise _declined(payment)
    return payment


def _declined(payment: Payment) -> DomainError:
    """The error of a failed try; where another try has paid, the error says so instead."""
    others = Payment.objects.filter(
        booking_id=payment.booking_id, change_id=payment.change_id, status=Payment.Status.SUCCEEDED, surplus=False
    )
    if others.exists():
        return DomainError(Code.PAYMENT_ALREADY_PAID, "This booking is paid.", params={"payment_id": payment.pk})
    return DomainError(Code.PAYMENT_DECLINED, payment.failure, params={"payment_id": payment.pk})


def write_intent(actor: User, booking_id: int, method: str, gateway: str, now: datetime) -> Payment:
    """Writes a payment of the whole price, before the gateway hears of it, and gives up a payment that ran before."""
    booking = lock_booking(booking_id)
    side, change = side_of(booking, actor.pk), get_payable_change(booking_id, now)
    if change is not None and side == "guest":
        return _difference_intent(booking, change, method, gateway, now)
    decide(state_of(booking), "pay", side, now)
    # A running payment carries the deadline from the first of several tries.
    since = booking.processing_since or now
    _give_up_unfinished(booking, now)
    payment = Payment.objects.create(
        booking=booking, gateway=gateway, method=method, amount=booking.total, currency=booking.currency,
        key=uuid4(), check_at=now + FIRST_CHECK, created_at=now,
    )  # fmt: skip
    booking.payment_status, booking.processing_since, booking.updated_at = Booking.PaymentStatus.PROCESSING, since, now
    booking.save(update_fields=["payment_status", "processing_since", "updated_at"])
    carry_hold(booking)
    return payment


def _difference_intent(booking: Booking, change: StayChange, method: str, gateway: str, now: datetime) -> Payment:
    """Writes a payment of the difference of an accepted change; while it runs, the nights stay held."""
    since = change.processing_since or now
    _give_up_unfinished(booking, now)
    change.processing_since = since
    change.save(update_fields=["processing_since"])
    carry_change(change)
    return Payment.objects.create(
        booking=booking, change=change, gateway=gateway, method=method, amount=change.total - booking.total,
        currency=booking.currency, key=uuid4(), check_at=now + FIRST_CHECK, created_at=now,
    )  # fmt: skip


def _give_up_unfinished(booking: Booking, now: datetime) -> None:
    """Voids a payment that waits for the bank or for an answer, so that the guest may try again.

    Raises `booking.wrong_state` while the process that makes it may still be working on it.
    """
    for payment in booking.payments.select_for_update(no_key=True).filter(status__in=Payment.RUNNING):
        if payment.status == Payment.Status.PROCESSING and now < payment.created_at + FIRST_CHECK:
            raise wrong_state(booking.status, booking.payment_status)
        give_up_payment(booking, payment, "Given up for another attempt.", now=now)


def charge_payment(payment_id: int, token: str, *, now: datetime) -> None:
    """Has the gateway take the money of an intent, and records its answer; without an answer the clock asks again.

    It leaves a payment alone that was given up meanwhile because an earlier one went through.
    """
    outside_transactions()
    payment = Payment.objects.get(pk=payment_id)
    if payment.status not in Payment.RUNNING:
        return
    gateway = get_gateway(payment.gateway)
    try:
        reference = gateway.authorise(order_of(payment))
        Payment.objects.filter(pk=payment_id, reference="").update(reference=reference)
        charge = gateway.capture(reference, token, f"{settings.PUBLIC_URL}/bookings/{payment.booking_id}/")
    except GatewayUnreachable as error:
        log.warning("payment %s: no answer (%s)", payment_id, error)
        Payment.objects.filter(pk=payment_id).update(check_at=now + LOST_ANSWER_CHECK)
    except GatewayRefused as error:
        log.warning("payment %s: refused (%s)", payment_id, error)
        refuse_payment(payment_id, str(error), now=now)
    else:
        record_charge(payment_id, charge, now=now)


def refuse_payment(payment_id: int, why: str, *, now: datetime) -> None:
    """Records that the gateway refused to accept the payment."""
    with transaction.atomic():
        payment = Payment.objects.get(pk=payment_id)
        booking = lock_booking(payment.booking_id)
        payment.refresh_from_db()
        if payment.status in Payment.RUNNING:
            fail_payment(booking, payment, why, now=now)
