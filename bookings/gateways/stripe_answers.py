"""Stripe's objects in our words: charges, refunds, disputes, and whose they are."""

from __future__ import annotations

from typing import Any

from bookings.gateways.base import (
    FAILED,
    LOST,
    OPEN,
    PENDING,
    PROCESSING,
    REQUIRES_ACTION,
    SUCCEEDED,
    WON,
    Charge,
    Disputed,
    Refunded,
)
from bookings.gateways.stripe_currencies import from_minor

STATUSES = {
    "requires_payment_method": OPEN,
    "requires_confirmation": OPEN,
    "requires_capture": OPEN,
    "requires_action": REQUIRES_ACTION,
    "processing": PROCESSING,
    "succeeded": SUCCEEDED,
    "canceled": FAILED,
}
REFUND_STATUSES = {"succeeded": SUCCEEDED, "failed": FAILED, "canceled": FAILED}
# A question of the bank (`warning_…`) that is closed, and a dispute that was prevented, took no money.
DISPUTE_STATUSES = {"won": WON, "warning_closed": WON, "prevented": WON, "lost": LOST}


def charge_of(answer: Any) -> Charge:
    """A PaymentIntent as a charge; one whose card was refused never charges, since it is not confirmed again."""
    intent = answer.to_dict()
    failed = intent.get("last_payment_error") or {}
    status = STATUSES.get(intent["status"], PROCESSING)
    if failed and status == OPEN:
        status = FAILED
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    currency = intent["currency"].upper()
    return Charge(
        reference=intent["id"],
        status=status,
        amount=from_minor(intent["amount"], currency),
        currency=currency,
        action_url=redirect.get("url", ""),
        failure=failed.get("message") or "The payment was given up." if status == FAILED else "",
        key=key_in(answer, "payment"),
        card=_card_of(intent.get("payment_method")),
    )


def _card_of(method: Any) -> str:
    """Stripe's fingerprint of a card, where the payment method is written out whole."""
    card = method.get("card") if isinstance(method, dict) else None
    return str((card or {}).get("fingerprint") or "")


def key_in(answer: Any, name: str) -> str:
    """Our own key that we once put into the metadata of a Stripe object; "" where there is none."""
    return str((answer.to_dict().get("metadata") or {}).get(name, ""))


def site_of(answer: Any) -> str:
    """Which site made a Stripe object; "" where it does not say."""
    return key_in(answer, "site")


def refunded_of(answer: Any) -> Refunded:
    """A Stripe refund in our words."""
    refund = answer.to_dict()
    amount, currency = refund.get("amount"), str(refund.get("currency") or "").upper()
    return Refunded(
        reference=refund["id"],
        status=REFUND_STATUSES.get(refund["status"], PENDING),
        failure=str(refund.get("failure_reason") or ""),
        amount=from_minor(amount, currency) if isinstance(amount, int) and currency else None,
        payment=id_of(refund.get("payment_intent")),
        key=key_in(answer, "refund"),
    )


def disputed_of(answer: Any) -> Disputed:
    """A Stripe dispute in our words."""
    dispute = answer.to_dict()
    return Disputed(
        reference=dispute["id"],
        payment=id_of(dispute.get("payment_intent")),
        status=DISPUTE_STATUSES.get(dispute["status"], OPEN),
        amount=from_minor(dispute["amount"], dispute["currency"].upper()),
        reason=str(dispute.get("reason") or "")[:60],
    )


def id_of(thing: Any) -> str:
    """The id of what Stripe names by its id, or writes out whole where that was asked for."""
    if isinstance(thing, dict):
        return str(thing.get("id") or "")
    return str(thing or "")
