"""Messages that Stripe sends by itself: told twice, late, or in disorder, they come to the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from bookings.gateways.stripe import charge_of, key_in, refunded_of
from bookings.models import GatewayEvent, Payment, Refund
from bookings.services.refunding import record_refund
from bookings.services.settling import record_charge

PAYMENT_EVENTS = "payment_intent."
REFUND_EVENTS = ("refund.", "charge.refund.")


def take_stripe_event(event: Any, *, now: datetime) -> bool:
    """Does what `event` says, in one transaction with the note that it came; False for one that had come before."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                GatewayEvent.objects.create(gateway="stripe", event_id=event.id, kind=event.type[:60], received_at=now)
        except IntegrityError:
            return False
        if event.type.startswith(PAYMENT_EVENTS):
            _payment_event(event.data.object, now)
        elif event.type.startswith(REFUND_EVENTS):
            _refund_event(event.data.object, now)
    return True


def _payment_event(intent: Any, now: datetime) -> None:
    """The process that made the intent may have died before it wrote down its id: our key is in it too."""
    ours = Q(reference=intent.id)
    if key := _uuid(key_in(intent, "payment")):
        ours |= Q(key=key, reference="")
    payment = Payment.objects.filter(ours, gateway="stripe").first()
    if payment is not None:
        record_charge(payment.pk, charge_of(intent), now=now)


def _refund_event(made: Any, now: datetime) -> None:
    refund = Refund.objects.filter(reference=made.id, payment__gateway="stripe").first()
    if refund is not None:
        record_refund(refund.pk, refunded_of(made), now=now)


def _uuid(text: str) -> UUID | None:
    """The account may serve other shops, whose metadata is theirs."""
    try:
        return UUID(text)
    except ValueError:
        return None
