"""Compares our books with a gateway's for the last 90 days, in both directions.

A difference whose news never came is written down now. A difference that this does not mend is kept as a `Discrepancy`, for
staff in the admin and for the operator who runs `manage.py reconcile`, until a comparison no longer finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bookings.gateways import get_gateway, outside_transactions
from bookings.gateways.base import (
    SUCCEEDED,
    Charge,
    Disputed,
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    NoSuchList,
    Refunded,
)
from bookings.models import Dispute, Payment, Refund
from bookings.selectors.refunds import list_gateways
from bookings.services.discrepancies import Finding, keep_findings
from bookings.services.disputes import record_dispute
from bookings.services.gateway_refunds import record_gateway_refund
from bookings.services.settling import record_charge
from core.errors import DomainError

log = logging.getLogger(__name__)
SPAN = timedelta(days=90)
# A payment at the edge of the span must not seem to be missing on one side.
MARGIN = timedelta(days=1)


@dataclass(slots=True)
class Comparison:
    """The result of comparing one gateway's books with ours."""

    gateway: str
    payments: int = 0
    refunds: int = 0
    disputes: int = 0
    mended: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, subject: str, text: str, payment: Payment | None = None) -> None:
        self.findings.append(Finding(subject, text, payment.pk if payment else None))


def compare_books(now: datetime) -> list[Comparison]:
    """Compares our books with those of each gateway that took a payment, mends what it can, and keeps the rest."""
    outside_transactions()
    return [_compare(name, now) for name in list_gateways(now - SPAN)]


def compare_daily(now: datetime) -> int:
    """A daily job: compares the books. Returns how many differences are left."""
    return sum(len(done.findings) for done in compare_books(now))


def _compare(name: str, now: datetime) -> Comparison:
    done = Comparison(name)
    try:
        theirs = _Theirs(get_gateway(name), now - SPAN - MARGIN)
        _compare_payments(done, theirs, now)
        _compare_refunds(done, theirs, now)
        _compare_disputes(done, theirs, now)
    except (GatewayUnreachable, DomainError) as error:
        log.warning("the books of %s could not be compared (%s)", name, error)
        done.find(f"gateway {name}", f"It did not answer, or is not set up here: {error}")
        keep_findings(done.gateway, done.findings, complete=False, now=now)
        return done
    keep_findings(done.gateway, done.findings, complete=True, now=now)
    return done


class _Theirs:
    """A gateway's lists, read once."""

    def __init__(self, gateway: Gateway, since: datetime) -> None:
        self.gateway = gateway
        self.charges: dict[str, Charge] = {charge.reference: charge for charge in gateway.charges_since(since)}
        self.refunds: dict[str, Refunded] = {refund.reference: refund for refund in gateway.refunds_since(since)}
        self.keeps_disputes = True
        self.disputes: dict[str, Disputed] = {made.reference: made for made in self._disputes(since)}

    def _disputes(self, since: datetime) -> list[Disputed]:
        try:
            return list(self.gateway.disputes_since(since))
        except NoSuchList as error:
            log.warning("disputes can't be compared (%s)", error)
            self.keeps_disputes = False
            return []

    def charge(self, payment: Payment) -> Charge | None:
        """The charge from the list or, for one newer than the list, from the gateway now; None where it knows none."""
        found = self.charges.get(payment.reference)
        if found is None or found.status != SUCCEEDED:
            try:
                found = self.gateway.status(payment.reference)
            except (GatewayRefused, GatewayUnreachable):
                return found
        return found

    def refund(self, refund: Refund) -> Refunded | None:
        """As `charge`, for a refund."""
        found = self.refunds.get(refund.reference)
        if found is None:
            try:
                found = self.gateway.refund_status(refund.reference)
            except (GatewayRefused, GatewayUnreachable):
                return None
        return found


def _compare_payments(done: Comparison, theirs: _Theirs, now: datetime) -> None:
    ours = Payment.objects.filter(gateway=done.gateway, created_at__gt=now - SPAN)
    for payment in ours.exclude(reference="").order_by("pk").iterator():
        done.payments += 1
        if payment.status == Payment.Status.SUCCEEDED:
            _check_paid(done, payment, theirs.charge(payment))
    for charge in theirs.charges.values():
        if charge.status == SUCCEEDED:
            _check_taken(done, charge, now)


def _check_paid(done: Comparison, payment: Payment, charge: Charge | None) -> None:
    """Checks that what we count as paid was taken there, with the same amount and currency."""
    subject = f"payment {payment.pk} ({payment.reference})"
    if charge is None:
        done.find(subject, f"Paid here, {_sum(payment)}; the gateway does not know it.", payment)
    elif charge.status != SUCCEEDED:
        done.find(subject, f"Paid here, {_sum(payment)}; the gateway says {charge.status}.", payment)
    elif (charge.amount, charge.currency) != (payment.amount, payment.currency):
        there = f"{charge.amount} {charge.currency}"
        done.find(subject, f"Paid here, {_sum(payment)}; the gateway says {there}.", payment)


def _check_taken(done: Comparison, charge: Charge, now: datetime) -> None:
    """Checks that what was taken there is paid here."""
    payment = Payment.objects.filter(gateway=done.gateway, reference=charge.reference).first()
    if payment is None and charge.key:
        payment = Payment.objects.filter(gateway=done.gateway, key=charge.key, reference="").first()
    there = f"{charge.amount} {charge.currency}"
    if payment is None:
        done.find(f"charge {charge.reference}", f"The gateway took {there}; our books have no such payment.")
    elif payment.status != Payment.Status.SUCCEEDED:
        record_charge(payment.pk, charge, now=now)
        payment.refresh_from_db()
        if payment.status == Payment.Status.SUCCEEDED:
            done.mended += 1
        else:
            subject = f"payment {payment.pk} ({charge.reference})"
            done.find(subject, f"Not paid here, {_sum(payment)}; the gateway took {there}.", payment)


def _sum(payment: Payment) -> str:
    return f"{payment.amount} {payment.currency}"


def _compare_refunds(done: Comparison, theirs: _Theirs, now: datetime) -> None:
    for answer in theirs.refunds.values():
        payment = _payment_of(done.gateway, answer.payment)
        if payment is not None:
            done.refunds += 1
            done.mended += _mend_refund(payment, answer, now)
    ours = Refund.objects.filter(payment__gateway=done.gateway, settled_at__gt=now - SPAN, settled_at__lt=now)
    for refund in ours.filter(status=Refund.Status.SUCCEEDED).select_related("payment").order_by("pk").iterator():
        _check_returned(done, refund, theirs.refund(refund))


def _mend_refund(payment: Payment, answer: Refunded, now: datetime) -> int:
    known = Refund.objects.filter(payment=payment, reference=answer.reference)
    before = known.values_list("status", flat=True).first()
    record_gateway_refund(payment.pk, answer, now=now)
    return int(known.values_list("status", flat=True).first() != before)


def _check_returned(done: Comparison, refund: Refund, answer: Refunded | None) -> None:
    """Checks that what we count as returned was returned there."""
    subject = f"refund {refund.pk} ({refund.reference})"
    here = f"Given back here, {refund.amount} {refund.payment.currency}"
    if answer is None:
        done.find(subject, f"{here}; the gateway does not know it.", refund.payment)
    elif answer.status != SUCCEEDED:
        done.find(subject, f"{here}; the gateway says {answer.status}.", refund.payment)
    elif answer.amount is not None and answer.amount != refund.amount:
        done.find(subject, f"{here}; the gateway says {answer.amount}.", refund.payment)


def _compare_disputes(done: Comparison, theirs: _Theirs, now: datetime) -> None:
    for answer in theirs.disputes.values():
        payment = _payment_of(done.gateway, answer.payment)
        if payment is not None:
            done.disputes += 1
            done.mended += _mend_dispute(payment, answer, now)
    for dispute in _our_disputes(done.gateway, now) if theirs.keeps_disputes else ():
        if dispute.reference not in theirs.disputes:
            text = f"Disputed here, {dispute.amount} {dispute.payment.currency}; the gateway does not know it."
            done.find(f"dispute {dispute.pk} ({dispute.reference})", text, dispute.payment)


def _our_disputes(gateway: str, now: datetime) -> Iterator[Dispute]:
    ours = Dispute.objects.filter(payment__gateway=gateway, created_at__gt=now - SPAN)
    return ours.select_related("payment").order_by("pk").iterator()


def _mend_dispute(payment: Payment, answer: Disputed, now: datetime) -> int:
    known = Dispute.objects.filter(payment=payment, reference=answer.reference)
    before = known.values_list("status", flat=True).first()
    record_dispute(payment.pk, answer, told_at=now, now=now)
    return int(known.values_list("status", flat=True).first() != before)


def _payment_of(gateway: str, reference: str) -> Payment | None:
    """Our payment of that reference; None for other shops' payments, which may share the account."""
    return Payment.objects.filter(gateway=gateway, reference=reference).first() if reference else None
