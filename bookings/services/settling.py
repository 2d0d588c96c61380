"""Records what a gateway says about payments, once; its news may come in any order and repeatedly."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.crypto import salted_hmac

from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import (
    FAILED,
    REQUIRES_ACTION,
    SUCCEEDED,
    Charge,
    GatewayRefused,
    GatewayUnreachable,
    Order,
)
from bookings.models import Booking, LedgerLine, Payment, StayChange
from bookings.rules.states import ACTIVE, UNPAID, status_at
from bookings.services import notifications
from bookings.services.change_effects import carry_change, end_change, take_difference, waits_for
from bookings.services.confirming import carry_hold, confirm_booking
from bookings.services.locking import lock_booking, state_of
from bookings.services.payment_status import set_payment_status
from bookings.services.refunding import refund_payment
from core.errors import DomainError
from core.lanes import payments

log = logging.getLogger(__name__)


def record_charge(payment_id: int, charge: Charge, *, now: datetime) -> None:
    """Writes down what the gateway made of a payment.

    Money that came for a stay that is wanted and unpaid is taken, and any other try given up. Money that arrives for a
    booking that is over, or paid already, goes back in full. A payment that succeeded stays so, whatever is said later;
    one that failed here and succeeded there did succeed.
    """
    with transaction.atomic():
        booking = lock_booking(Payment.objects.values_list("booking_id", flat=True).get(pk=payment_id))
        payment = (
            Payment.objects.select_for_update(no_key=True, of=("self",)).select_related("change").get(pk=payment_id)
        )
        if payment.status == Payment.Status.SUCCEEDED:
            return
        payment.reference = charge.reference
        payment.card = card_digest(charge) or payment.card
        if charge.status == SUCCEEDED:
            _money_came(booking, payment, charge, now)
        elif payment.status in Payment.RUNNING and charge.status == FAILED:
            fail_payment(booking, payment, charge.failure, now=now)
        elif payment.status in Payment.RUNNING and charge.status == REQUIRES_ACTION:
            payment.status, payment.action_url = Payment.Status.REQUIRES_ACTION, charge.action_url
            payment.save()
        elif payment.status == Payment.Status.FAILED and charge.status == FAILED:
            payment.check_at = None
            payment.save()


def card_digest(charge: Charge) -> bytes | None:
    """The keyed digest that is stored of a card; it tells whether two payments used the same card."""
    if not charge.card:
        return None
    return salted_hmac("bookings.card", charge.card, algorithm="sha256").digest()[:16]


def _money_came(booking: Booking, payment: Payment, charge: Charge, now: datetime) -> None:
    if (charge.amount, charge.currency) != (payment.amount, payment.currency):
        log.error("payment %s: the gateway names another amount: %s %s", payment.pk, charge.amount, charge.currency)
        return
    change = payment.change
    wanted = is_wanted(booking, payment, now)
    payment.status, payment.settled_at, payment.check_at = Payment.Status.SUCCEEDED, now, None
    payment.action_url, payment.failure, payment.surplus = "", "", not wanted
    payment.save()
    LedgerLine.objects.create(
        booking=booking, payment=payment, amount=payment.amount, currency=payment.currency, at=now
    )
    if wanted and change is not None:
        wanted = _take_difference(booking, change, payment, now)
    elif wanted:
        settle_booking(booking, now=now, amount=payment.amount)
    if wanted:
        give_up_running(booking, "Another payment went through.", now=now)
    else:
        set_payment_status(booking, now)
        refund_payment(payment, amount=payment.amount, reason="too_late", now=now)


def is_wanted(booking: Booking, payment: Payment, now: datetime) -> bool:
    """Whether the money of a payment is still what a locked booking waits for; the price may be another one by now."""
    if payment.change is not None:
        return waits_for(booking, payment.change, now)
    is_live = status_at(state_of(booking), now) in ACTIVE
    return is_live and booking.payment_status in UNPAID and payment.amount == booking.total


def _take_difference(booking: Booking, change: StayChange, payment: Payment, now: datetime) -> bool:
    """Applies a change that was paid. Returns whether it could be made: where its nights were taken it ends, and the money goes
    back."""
    try:
        with transaction.atomic():
            take_difference(booking, change, payment, now=now)
    except DomainError as refusal:
        log.warning("payment %s: the change can't be made any more (%s)", payment.pk, refusal.code)
        booking.refresh_from_db()
        change.refresh_from_db()
        payment.surplus = True
        payment.save(update_fields=["surplus"])
        end_change(booking, change, StayChange.Status.EXPIRED, now=now)
        return False
    return True


def settle_booking(booking: Booking, *, now: datetime, amount: Decimal) -> None:
    """Settles a locked booking with nothing left to pay: a hold becomes a stay, and both parties are told."""
    booking.payment_status, booking.processing_since, booking.updated_at = Booking.PaymentStatus.PAID, None, now
    booking.save(update_fields=["payment_status", "processing_since", "updated_at"])
    if booking.status == Booking.Status.PENDING:
        confirm_booking(booking, now=now)
    notifications.notify_parties(booking, "host", kind="booking.paid", now=now, amount=amount)
    notifications.notify_parties(booking, *notifications.BOTH, kind="booking.confirmed", now=now)


def fail_payment(booking: Booking, payment: Payment, why: str, *, now: datetime) -> None:
    """Ends a running payment of a locked booking without money; the booking is due again, unless another one paid it."""
    _end_unpaid(booking, payment, why, now)
    if booking.payment_status in UNPAID or (payment.change is not None and waits_for(booking, payment.change, now)):
        notifications.notify_parties(booking, "guest", kind="payment.failed", now=now)


def give_up_payment(booking: Booking, payment: Payment, why: str, *, now: datetime) -> None:
    """As `fail_payment`, for one that the gateway does not know to be over: it stays to be voided there."""
    _end_unpaid(booking, payment, why, now)
    payment.check_at = now
    payment.save(update_fields=["check_at"])


def give_up_running(booking: Booking, why: str, *, now: datetime) -> None:
    """Gives up every payment of a locked booking that still runs, and voids it once that is committed."""
    running = list(booking.payments.select_for_update(no_key=True).filter(status__in=Payment.RUNNING))
    for payment in running:
        give_up_payment(booking, payment, why, now=now)
    if running:
        transaction.on_commit(lambda: void_given_up(booking.pk, now=now), robust=True)


@payments.enter()
def void_given_up(booking_id: int, *, now: datetime) -> None:
    """Voids a payment at the gateway that was given up here. Without an answer the clock tries again.

    Where it is too late the money has come: a stay that waits for it takes it, otherwise it goes back.
    """
    outside_transactions()
    left = Payment.objects.filter(booking_id=booking_id, status=Payment.Status.FAILED, check_at__isnull=False)
    for payment in left:
        try:
            charge = void_payment(payment)
        except (GatewayUnreachable, GatewayRefused) as error:
            log.warning("payment %s: not voided yet (%s)", payment.pk, error)
        else:
            record_charge(payment.pk, charge, now=now)


def void_payment(payment: Payment) -> Charge:
    """Has the gateway take nothing for a payment any more, also where its process died before it heard the reference."""
    gateway = get_gateway(payment.gateway)
    return gateway.void(payment.reference or gateway.authorise(order_of(payment)))


def order_of(payment: Payment) -> Order:
    """The order that the gateway gets for a payment."""
    return Order(payment.key, payment.amount, payment.currency, f"StayNest booking {payment.booking_id}")


def _end_unpaid(booking: Booking, payment: Payment, why: str, now: datetime) -> None:
    payment.status, payment.failure, payment.settled_at = Payment.Status.FAILED, why[:200], now
    payment.check_at, payment.action_url = None, ""
    payment.save()
    if payment.change is not None:
        payment.change.processing_since = None
        payment.change.save(update_fields=["processing_since"])
        carry_change(payment.change)
    set_payment_status(booking, now)
    carry_hold(booking)
