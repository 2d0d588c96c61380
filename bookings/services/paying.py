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
from bookings.gateways.base import GatewayRefused, GatewayUnreachable, Order
from bookings.models import Booking, Payment
from bookings.rules.states import decide, wrong_state
from bookings.services.confirming import carry_hold
from bookings.services.locking import lock_booking, side_of, state_of
from bookings.services.settling import fail_payment, give_up_payment, record_charge
from bookings.services.transitions import catch_up_booking
from core.api.idempotency import run_once
from core.errors import Code, DomainError

log = logging.getLogger(__name__)
# When the clock first asks about a payment whose own process has not come back, and after an answer was lost.
FIRST_CHECK = timedelta(seconds=20)
LOST_ANSWER_CHECK = timedelta(seconds=5)


def start_payment(*, actor: User, booking_id: int, method: str, token: str, key: str | None, now: datetime) -> Payment:
    """Pays a booking in full; the amount is the server's own. The payment as it stands then.

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
        do=lambda: {"payment": _write_intent(actor, booking_id, method, gateway.name, now).pk},
    )  # fmt: skip
    if not done.replayed:
        void_given_up(booking_id, now=now)
        charge_payment(done.outcome["payment"], token, now=now)
    payment = Payment.objects.get(pk=done.outcome["payment"])
    if payment.status == Payment.Status.FAILED:
        raise DomainError(Code.PAYMENT_DECLINED, payment.failure, params={"payment_id": payment.pk})
    return payment


def _write_intent(actor: User, booking_id: int, method: str, gateway: str, now: datetime) -> Payment:
    booking = lock_booking(booking_id)
    side = side_of(booking, actor.pk)
    _give_up_unfinished(booking, side, now)
    decide(state_of(booking), "pay", side, now)
    if booking.payment_status == Booking.PaymentStatus.PROCESSING:
        raise wrong_state(booking.status, booking.payment_status)
    payment = Payment.objects.create(
        booking=booking, gateway=gateway, method=method, amount=booking.total, currency=booking.currency,
        key=uuid4(), check_at=now + FIRST_CHECK, created_at=now,
    )  # fmt: skip
    booking.payment_status, booking.processing_since, booking.updated_at = Booking.PaymentStatus.PROCESSING, now, now
    booking.save(update_fields=["payment_status", "processing_since", "updated_at"])
    carry_hold(booking)
    return payment


def _give_up_unfinished(booking: Booking, side: str, now: datetime) -> None:
    """A guest who left an action page unfinished may try again; should the old one succeed after all, it goes back."""
    if side == "guest":
        for payment in booking.payments.filter(status=Payment.Status.REQUIRES_ACTION):
            give_up_payment(booking, payment, "Given up for another attempt.", now=now)


def void_given_up(booking_id: int, *, now: datetime) -> None:
    """Sees to it that what was given up here never charges there. Without an answer the clock tries again."""
    outside_transactions()
    left = Payment.objects.filter(booking_id=booking_id, status=Payment.Status.FAILED, check_at__isnull=False)
    for payment in left:
        try:
            charge = get_gateway(payment.gateway).void(payment.reference)
        except (GatewayUnreachable, GatewayRefused) as error:
            log.warning("payment %s: not voided yet (%s)", payment.pk, error)
        else:
            record_charge(payment.pk, charge, now=now)


def charge_payment(payment_id: int, token: str, *, now: datetime) -> None:
    """Has the gateway take the money of an intent, and writes down what it said; without an answer it is asked again."""
    outside_transactions()
    payment = Payment.objects.get(pk=payment_id)
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
    """Writes down that the gateway would not even take the payment."""
    with transaction.atomic():
        payment = Payment.objects.get(pk=payment_id)
        booking = lock_booking(payment.booking_id)
        payment.refresh_from_db()
        if payment.status in Payment.RUNNING:
            fail_payment(booking, payment, why, now=now)


def order_of(payment: Payment) -> Order:
    """What the gateway is asked for."""
    return Order(payment.key, payment.amount, payment.currency, f"StayNest booking {payment.booking_id}")
