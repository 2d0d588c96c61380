"""Payment gateways behind one small interface, chosen by `PAYMENT_GATEWAY`."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from bookings.gateways.base import Gateway
from bookings.gateways.sandbox import SandboxGateway
from bookings.gateways.sandbox import bounds as sandbox_bounds
from bookings.gateways.stripe_currencies import bounds as stripe_bounds
from core.errors import Code, DomainError
from core.kept_settings import kept
from core.money import Bounds


def get_gateway(name: str = "") -> Gateway:
    """The gateway of that name, by default the one that new payments use.

    Raises `payment.not_offered` where there is none.
    """
    chosen = name or settings.PAYMENT_GATEWAY
    if chosen == "sandbox":
        return SandboxGateway()
    if chosen == "stripe":
        # Loaded only where it is used, because its library is large.
        from bookings.gateways.stripe import StripeGateway

        return StripeGateway()
    raise DomainError(Code.PAYMENT_NOT_OFFERED, "Online payment is not set up here.")


@kept
def payment_bounds(*, currency: str) -> Bounds | None:
    """The least and the most that the gateway of new payments takes at once in a currency; None without a gateway."""
    if settings.PAYMENT == "on_arrival":
        return None
    known = {"sandbox": sandbox_bounds, "stripe": stripe_bounds}.get(settings.PAYMENT_GATEWAY)
    return known(currency) if known else None


def outside_transactions() -> None:
    """Raises RuntimeError inside a transaction: a call that waits for another company's server must hold no locks."""
    with transaction.atomic(durable=True):
        pass
