"""Records refunds that were made at the gateway itself, for instance in its dashboard.

Each counts first towards what is owed of the same payment, so that no guest gets the same money twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from bookings.gateways.base import FAILED, Refunded
from bookings.models import Booking, Payment, Refund
from bookings.services import notifications
from bookings.services.locking import lock_booking
from bookings.services.refund_outcomes import count_returned, note_refund


def record_refunds(payment_id: int, made: Iterable[Refunded], *, now: datetime) -> None:
    """Writes down refunds of a payment as the gateway lists them: ours by their key, all others as made there."""
    for answer in made:
        record_gateway_refund(payment_id, answer, now=now)


def record_gateway_refund(payment_id: int, answer: Refunded, *, now: datetime) -> None:
    """Records one refund of a payment, also one made elsewhere. A repeat changes nothing, nor does late or reordered news."""
    if _is_noted(payment_id, answer):
        return
    with transaction.atomic():
        booking = lock_booking(Payment.objects.values_list("booking_id", flat=True).get(pk=payment_id))
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
        refund = _ours(payment, answer) or _new(booking, payment, answer, now)
        if refund is not None:
            note_refund(booking, refund, answer, now)
            _ask_staff(booking, refund, now)


def _is_noted(payment_id: int, answer: Refunded) -> bool:
    """Whether the books say the same already: of a long list nearly all refunds do, and need no lock."""
    known = Refund.objects.filter(payment_id=payment_id, reference=answer.reference)
    return known.filter(status=answer.status).exists()


def _ours(payment: Payment, answer: Refunded) -> Refund | None:
    """The refund of that reference, or the one that a dead process had asked for with its key."""
    rows = payment.refunds.select_for_update(no_key=True)
    found = rows.filter(reference=answer.reference).first()
    key = _uuid(answer.key)
    return found or (rows.filter(key=key, reference="").first() if key else None)


def _uuid(text: str) -> UUID | None:
    """The text as a UUID; None for other text, since other shops that share the account have their own metadata."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _new(booking: Booking, payment: Payment, answer: Refunded, now: datetime) -> Refund | None:
    """Stores a refund that was made there; also a failed one, since earlier news of it may come later."""
    if not answer.amount or payment.status != Payment.Status.SUCCEEDED:
        return None
    values = {
        "payment": payment, "booking": booking, "amount": answer.amount, "key": uuid4(), "created_at": now,
        "reference": answer.reference, "reason": Refund.GATEWAY,
    }  # fmt: skip
    if answer.status == FAILED:
        Refund.objects.create(status=Refund.Status.FAILED, failure=answer.failure[:200], settled_at=now, **values)
        return None
    count_returned(payment.pk, answer.amount, now=now)
    return Refund.objects.create(check_at=now, **values)


def _ask_staff(booking: Booking, refund: Refund, now: datetime) -> None:
    """Asks staff what becomes of an agreed stay whose money was all returned at the gateway."""
    whole = booking.payment_status == Booking.PaymentStatus.REFUNDED and booking.status == Booking.Status.CONFIRMED
    if whole and refund.reason == Refund.GATEWAY and refund.status == Refund.Status.SUCCEEDED:
        notifications.notify_staff(booking, kind="booking.refunded", variant="whole", now=now, amount=refund.amount)
