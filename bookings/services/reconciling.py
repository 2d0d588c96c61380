"""Finishes what dead processes began: asks the gateway about each open payment and refund."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import OPEN, REQUIRES_ACTION, Charge, GatewayRefused, GatewayUnreachable
from bookings.models import Payment, Refund
from bookings.rules.deadlines import PROCESSING_GRACE
from bookings.selectors.refunds import refunds_to_settle
from bookings.services.gateway_refunds import record_refunds
from bookings.services.paying import refuse_payment
from bookings.services.refunding import settle_refund
from bookings.services.settling import order_of, record_charge, void_payment
from core.database.claims import claim
from core.errors import DomainError

log = logging.getLogger(__name__)
AT_ONCE = 100
AGAIN_AFTER = timedelta(seconds=30)
# An intent this old that the gateway has taken nothing for was left by a process that died.
ABANDONED_AFTER = timedelta(seconds=60)


def reconcile_payments(now: datetime) -> int:
    """Settles payments that still run, or were given up here and not there, and reads the refunds of those of which the
    gateway said that money went back. Returns how many that were due were asked about."""
    return _each(Payment.objects.filter(check_at__lte=now), _settle_payment, now)


def reconcile_refunds(now: datetime) -> int:
    """Settles refunds that are owed or on their way and due to be asked about. Returns how many were asked about."""
    return _each(refunds_to_settle(now), lambda pk, at: settle_refund(pk, now=at), now)


def reconcile_all(now: datetime) -> dict[str, int]:
    """Settles all that is open, due or not: the first half of what `manage.py reconcile` does."""
    payments = Payment.objects.filter(check_at__isnull=False)
    refunds = Refund.objects.filter(status=Refund.Status.PENDING)
    payments.update(check_at=now)
    refunds.update(check_at=now)
    done = {"payments": 0, "refunds": 0}
    while asked := reconcile_payments(now):
        done["payments"] += asked
    while asked := reconcile_refunds(now):
        done["refunds"] += asked
    return done


def _each(rows: QuerySet[Any], settle: Callable[[int, datetime], None], now: datetime) -> int:
    claimed = _claim(rows, now)
    for pk in claimed:
        try:
            settle(pk, now)
        except Exception:
            # A fault with this one must not hold up the next.
            log.exception("%s %s could not be settled", rows.model.__name__, pk)
    return len(claimed)


def _claim(rows: QuerySet[Any], now: datetime) -> list[int]:
    """Claims some rows for this run; other runs leave them alone until they are due again."""
    outside_transactions()

    def lease(row: Any) -> None:
        row.check_at = now + AGAIN_AFTER

    return [row.pk for row in claim(rows, order_by="check_at", fields=["check_at"], lease=lease, most=AT_ONCE)]


def _settle_payment(payment_id: int, now: datetime) -> None:
    payment = Payment.objects.get(pk=payment_id)
    try:
        if payment.status == Payment.Status.SUCCEEDED:
            read_refunds(payment, now=now)
        else:
            record_charge(payment_id, _ask(payment, now), now=now)
    except GatewayUnreachable as error:
        log.warning("payment %s: no answer (%s)", payment_id, error)
    except GatewayRefused as error:
        refuse_payment(payment_id, str(error), now=now)
    except DomainError as error:
        log.warning("payment %s: its gateway %r is not set up here (%s)", payment_id, payment.gateway, error)


def read_refunds(payment: Payment, *, now: datetime) -> None:
    """Writes down every refund of a paid payment that the gateway knows of, also those made elsewhere."""
    made = get_gateway(payment.gateway).refunds_of(payment.reference)
    record_refunds(payment.pk, made, now=now)
    Payment.objects.filter(pk=payment.pk, status=Payment.Status.SUCCEEDED).update(check_at=None)


def _ask(payment: Payment, now: datetime) -> Charge:
    """Asks for the state of a payment. One that will not be finished any more is voided first, so that it never charges."""
    if payment.status == Payment.Status.FAILED:
        return void_payment(payment)
    gateway = get_gateway(payment.gateway)
    charge = gateway.status(payment.reference or gateway.authorise(order_of(payment)))
    patience = {OPEN: ABANDONED_AFTER, REQUIRES_ACTION: PROCESSING_GRACE}.get(charge.status)
    if patience is not None and payment.created_at + patience <= now:
        return gateway.void(charge.reference)
    return charge
