"""Payment gateways behind one small interface, chosen by `PAYMENT_GATEWAY`."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from bookings.gateways.base import Gateway
from bookings.gateways.sandbox import SandboxGateway
from bookings.gateways.sandbox import bounds as sandbox_bounds
from bookings.gateways.stripe_currencies import bounds as stripe_bounds
from core.errors import Code, DomainError
from core.money import Bounds


def get_gateway(name: str = "") -> Gateway:
    """The gateway of that name, by default the one that new payments use.

    Raises `payment.not_offered` where there is none.
    """
    chosen = name or settings.PAYMENT_GATEWAY
    if chosen == "sandbox":
        return SandboxGateway()
    if chosen == "stripe":
        # Its library is large, and only loaded where it is used.
        from bookings.gateways.stripe import StripeGateway

        return StripeGateway()
    raise DomainError(Code.PAYMENT_NOT_OFFERED, "Online payment is not set up here.")


def payment_bounds(*, currency: str) -> Bounds | None:
    """What the gateway of new payments takes at once of a currency; None where no gateway is paid with."""
    if settings.PAYMENT == "on_arrival":
        return None
    known = {"sandbox": sandbox_bounds, "stripe": stripe_bounds}.get(settings.PAYMENT_GATEWAY)
    return known(currency) if known else None


def outside_transactions() -> None:
    """Raises RuntimeError where a transaction of ours is open: a call that waits for strangers must hold no locks."""
    with transaction.atomic(durable=True):
        pass
