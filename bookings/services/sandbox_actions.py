"""What the guest does on the sandbox's action page."""

from __future__ import annotations

from datetime import datetime

from bookings.gateways.sandbox import finish_action
from bookings.models import Payment
from bookings.selectors.payments import get_sandbox_payment
from bookings.services.settling import record_charge


def finish_sandbox_action(reference: str, *, succeed: bool, now: datetime) -> Payment:
    """Has the sandbox settle a payment and writes down what came of it. Raises `not_found`. A repeat is harmless."""
    payment = get_sandbox_payment(reference)
    record_charge(payment.pk, finish_action(reference, succeed=succeed), now=now)
    return get_sandbox_payment(reference)
