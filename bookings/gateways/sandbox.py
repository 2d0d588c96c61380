"""A gateway without money, for development and tests. Its tokens:

| token           | what happens                                      |
|-----------------|---------------------------------------------------|
| `tok_ok`        | succeeds                                          |
| `tok_declined`  | is declined                                       |
| `tok_action`    | needs the guest: a page here succeeds or fails it |
| `tok_timeout`   | succeeds, but the answer is lost on the way       |
| `tok_no_refund` | succeeds, and every refund of it is refused       |

Its books are two tables of its own, written in transactions of its own, as the books of a real gateway are elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from bookings.gateways.base import (
    FAILED,
    OPEN,
    REQUIRES_ACTION,
    SUCCEEDED,
    Charge,
    Disputed,
    GatewayRefused,
    GatewayUnreachable,
    Order,
    Refunded,
)
from bookings.models import SandboxCharge, SandboxRefund
from core.errors import invalid
from core.money import Bounds, unit_of
from core.said import said

OUTCOMES = {
    "tok_ok": SUCCEEDED,
    "tok_declined": FAILED,
    "tok_action": REQUIRES_ACTION,
    "tok_timeout": SUCCEEDED,
    "tok_no_refund": SUCCEEDED,
}
DECLINED = said("The card was declined.")
VOIDED = said("The payment was given up.")
NO_REFUND = said("The card takes nothing back.")
# The most that its columns hold.
MOST = Decimal("99999999999.99")


def bounds(currency: str) -> Bounds:
    """The bounds of a payment: the sandbox takes any amount that its columns hold."""
    return Bounds(unit_of(currency), MOST)


class SandboxGateway:
    """See the module."""

    name = "sandbox"

    def check_token(self, token: str) -> None:
        if token not in OUTCOMES:
            raise invalid(token=said("Unknown here; the sandbox takes %(choices)s.", choices=", ".join(OUTCOMES)))

    def authorise(self, order: Order) -> str:
        values = {"reference": secrets.token_urlsafe(32), "amount": order.amount, "currency": order.currency}
        return SandboxCharge.objects.get_or_create(key=order.key, defaults=values)[0].reference

    def capture(self, reference: str, token: str, return_url: str) -> Charge:
        with transaction.atomic():
            row = _locked(reference)
            if row.status == OPEN:
                row.status, row.refuses_refunds = OUTCOMES[token], token == "tok_no_refund"  # noqa: S105 - a name
                row.save()
        if token == "tok_timeout":  # noqa: S105 - a name, no secret
            raise GatewayUnreachable("the answer was lost, as asked")
        return _charge(row)

    def status(self, reference: str) -> Charge:
        return _charge(_found(reference))

    def void(self, reference: str) -> Charge:
        with transaction.atomic():
            row = _locked(reference)
            if row.status in (OPEN, REQUIRES_ACTION):
                row.status = SandboxCharge.Status.VOID
                row.save()
        return _charge(row)

    def refund(self, reference: str, amount: Decimal, currency: str, key: UUID) -> Refunded:
        with transaction.atomic():
            row = _locked(reference)
            made = SandboxRefund.objects.filter(key=key).first()
            if made is None:
                if row.status != SUCCEEDED or row.refunded + amount > row.amount:
                    raise GatewayRefused("More than was charged can't go back.")
                if row.refuses_refunds:
                    raise GatewayRefused(NO_REFUND)
                made = SandboxRefund.objects.create(key=key, charge=row, amount=amount)
                SandboxCharge.objects.filter(pk=row.pk).update(refunded=F("refunded") + amount)
        return _refunded(made)

    def refund_status(self, reference: str) -> Refunded:
        made = SandboxRefund.objects.select_related("charge").filter(key=UUID(reference)).first()
        return _refunded(made) if made else Refunded(reference, FAILED)

    def refunds_of(self, reference: str) -> list[Refunded]:
        rows = SandboxRefund.objects.select_related("charge").filter(charge__reference=reference)
        return [_refunded(row) for row in rows.order_by("pk")]

    def charges_since(self, moment: datetime) -> Iterator[Charge]:
        return (_charge(row) for row in SandboxCharge.objects.order_by("pk").iterator())

    def refunds_since(self, moment: datetime) -> Iterator[Refunded]:
        return (_refunded(row) for row in SandboxRefund.objects.select_related("charge").order_by("pk").iterator())

    def disputes_since(self, moment: datetime) -> Iterator[Disputed]:
        return iter(())


def finish_action(reference: str, *, succeed: bool) -> Charge:
    """Ends the guest's action with success or failure. A settled payment stays as it is. Raises GatewayRefused if unknown."""
    with transaction.atomic():
        row = _locked(reference)
        if row.status == REQUIRES_ACTION:
            row.status = SUCCEEDED if succeed else FAILED
            row.save()
    return _charge(row)


def _locked(reference: str) -> SandboxCharge:
    row = SandboxCharge.objects.select_for_update().filter(reference=reference).first()
    if row is None:
        raise GatewayRefused("There is no such payment.")
    return row


def _found(reference: str) -> SandboxCharge:
    row = SandboxCharge.objects.filter(reference=reference).first()
    if row is None:
        raise GatewayRefused("There is no such payment.")
    return row


def _charge(row: SandboxCharge) -> Charge:
    failures = {SandboxCharge.Status.FAILED: DECLINED, SandboxCharge.Status.VOID: VOIDED}
    waiting = row.status == REQUIRES_ACTION
    page = reverse("sandbox-payment", args=[row.reference]) if waiting else ""
    return Charge(
        reference=row.reference,
        status=FAILED if row.status in failures else row.status,
        amount=row.amount,
        currency=row.currency,
        action_url=f"{settings.PUBLIC_URL}{page}" if waiting else "",
        failure=failures.get(SandboxCharge.Status(row.status), ""),
        key=str(row.key),
    )


def _refunded(row: SandboxRefund) -> Refunded:
    key = str(row.key)
    return Refunded(key, SUCCEEDED, amount=row.amount, payment=row.charge.reference, key=key)
