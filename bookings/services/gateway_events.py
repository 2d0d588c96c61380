"""Handles events of Stripe. Repeated, late or out of order, they have the same effect.

| event                      | says                                                                           |
|----------------------------|--------------------------------------------------------------------------------|
| `payment_intent.*`         | what became of a payment                                                       |
| `refund.*`, `charge.refund.updated` | what became of a refund, ours or one made in the dashboard            |
| `charge.refunded`          | money went back: the payment's refunds are read, from it or by the clock       |
| `charge.dispute.*`         | a dispute was opened, moved money, or was decided                              |

Source: docs.stripe.com/api/events/types.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from bookings.gateways.base import SUCCEEDED, Charge
from bookings.gateways.stripe_answers import charge_of, disputed_of, id_of, key_in, refunded_of
from bookings.models import GatewayEvent, Payment
from bookings.services.disputes import record_dispute
from bookings.services.gateway_refunds import record_gateway_refund
from bookings.services.settling import record_charge


def take_stripe_event(event: Any, *, now: datetime) -> bool:
    """Does what `event` says, in one transaction with the note that it came; False for one that had come before.

    Raises ValueError for an event that is not of the shape that its type has.
    """
    try:
        with transaction.atomic():
            if not _note(event, now):
                return False
            _do(event, now)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not of the shape of a {str(event.type)[:60]}") from error
    return True


def _note(event: Any, now: datetime) -> bool:
    try:
        with transaction.atomic():
            GatewayEvent.objects.create(gateway="stripe", event_id=event.id, kind=event.type[:60], received_at=now)
    except IntegrityError:
        return False
    return True


def _do(event: Any, now: datetime) -> None:
    kind, thing = event.type, event.data.object
    if kind.startswith("payment_intent."):
        _payment_event(thing, now)
    elif kind.startswith(("refund.", "charge.refund.")):
        _refund_event(thing, now)
    elif kind == "charge.refunded":
        _charge_event(thing, now)
    elif kind.startswith("charge.dispute."):
        created = event.to_dict().get("created")
        _dispute_event(thing, datetime.fromtimestamp(created, UTC) if created else now, now)


def _payment_event(intent: Any, now: datetime) -> None:
    """Handles an event of a payment. Our key is in it too, since the process that made it may have died before it stored the id."""
    ours = Q(reference=intent.id)
    if key := _uuid(key_in(intent, "payment")):
        ours |= Q(key=key, reference="")
    payment = Payment.objects.filter(ours, gateway="stripe").first()
    if payment is not None:
        record_charge(payment.pk, charge_of(intent), now=now)


def _refund_event(made: Any, now: datetime) -> None:
    answer = refunded_of(made)
    payment = (
        _payment_of(answer.payment)
        or Payment.objects.filter(gateway="stripe", refunds__reference=answer.reference).first()
    )
    if payment is not None:
        _take_as_paid(payment, now)
        record_gateway_refund(payment.pk, answer, now=now)


def _charge_event(charge: Any, now: datetime) -> None:
    """Handles an event of returned money. Only older versions of the API list the refunds in it; else the clock asks for them."""
    body = charge.to_dict()
    payment = _payment_of(id_of(body.get("payment_intent")))
    if payment is None:
        return
    _take_as_paid(payment, now)
    Payment.objects.filter(pk=payment.pk).update(check_at=now)
    if (body.get("refunds") or {}).get("data"):
        for made in charge.refunds.data:
            record_gateway_refund(payment.pk, refunded_of(made), now=now)


def _dispute_event(made: Any, told_at: datetime, now: datetime) -> None:
    answer = disputed_of(made)
    payment = _payment_of(answer.payment)
    if payment is not None:
        _take_as_paid(payment, now)
        record_dispute(payment.pk, answer, told_at=told_at, now=now)


def _take_as_paid(payment: Payment, now: datetime) -> None:
    """Records the charge of returned or disputed money, whose own event may still be on its way."""
    if payment.status != Payment.Status.SUCCEEDED:
        charge = Charge(payment.reference, SUCCEEDED, payment.amount, payment.currency)
        record_charge(payment.pk, charge, now=now)


def _payment_of(reference: str) -> Payment | None:
    """Our payment of that reference; None for other shops' payments, which may share the account."""
    return Payment.objects.filter(gateway="stripe", reference=reference).first() if reference else None


def _uuid(text: str) -> UUID | None:
    """The text as a UUID; None for other text, since other shops that share the account have their own metadata."""
    try:
        return UUID(text)
    except ValueError:
        return None
