"""Stripe by its own library: a PaymentIntent a payment, idempotency keys on all that moves money.

A token is the id of a PaymentMethod (`pm_…`) that Stripe's own form made in the guest's browser; no card number ever
reaches this server. The intent is made first, without a card, and confirmed after its id is on our disk: one that
was not confirmed can be cancelled and never charges.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings

from bookings.gateways.base import (
    OPEN,
    Charge,
    Disputed,
    GatewayRefused,
    GatewayUnreachable,
    NoSuchList,
    Order,
    Refunded,
)
from bookings.gateways.stripe_answers import charge_of, disputed_of, key_in, refunded_of, site_of
from bookings.gateways.stripe_currencies import to_minor
from core.errors import invalid
from core.lanes import payments

log = logging.getLogger(__name__)
# Of one call by the clock's jobs; the calls of a request share the time that its lane gives them.
TIMEOUT_S = 20
RETRIES = 1
# How old a webhook's signature may be, in seconds.
TOLERANCE_S = 300
TOKEN = re.compile(r"pm_[A-Za-z0-9_]{1,90}\Z")

PAGE = 100
# The most pages of one list that a comparison of both books reads.
MOST_PAGES = 500


class Client(stripe.RequestsClient):
    """Waits for each answer as long as the lane of this request still allows."""

    most_s = float(TIMEOUT_S)

    @property
    def _timeout(self) -> float:
        return payments.time_left(self.most_s)

    @_timeout.setter
    def _timeout(self, seconds: float) -> None:
        self.most_s = seconds


class StripeGateway:
    """See the module."""

    name = "stripe"

    def __init__(self) -> None:
        base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
        self.api = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses=base,
            max_network_retries=RETRIES,
            http_client=Client(timeout=TIMEOUT_S),
        ).v1

    def check_token(self, token: str) -> None:
        if not TOKEN.match(token):
            raise invalid(token="Give the id of a payment method, pm_….")  # noqa: S106 - a message, no secret

    def authorise(self, order: Order) -> str:
        params: Any = {
            "amount": to_minor(order.amount, order.currency),
            "currency": order.currency.lower(),
            "payment_method_types": ["card"],
            "description": order.description,
            "metadata": {"payment": str(order.key), "site": settings.PUBLIC_URL},
        }
        with _answers(), _refuses():
            return self.api.payment_intents.create(params, {"idempotency_key": str(order.key)}).id

    def capture(self, reference: str, token: str, return_url: str) -> Charge:
        params: Any = {"payment_method": token, "return_url": return_url, "expand": ["payment_method"]}
        options: Any = {"idempotency_key": f"{reference}-confirm"}
        try:
            with _answers():
                return charge_of(self.api.payment_intents.confirm(reference, params, options))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            # The intent itself says what became of it: it may have been confirmed before, or cancelled.
            charge = self.status(reference)
            if charge.status == OPEN:
                raise GatewayRefused(error.user_message or "The payment was refused.") from error
            return charge

    def status(self, reference: str) -> Charge:
        with _answers():
            try:
                return charge_of(self.api.payment_intents.retrieve(reference, {"expand": ["payment_method"]}))
            except stripe.InvalidRequestError as error:
                # Stripe may not find it because the keys are another account's; that does not end the payment.
                raise GatewayUnreachable(str(error)) from error

    def void(self, reference: str) -> Charge:
        try:
            with _answers():
                return charge_of(self.api.payment_intents.cancel(reference))
        except stripe.InvalidRequestError:
            return self.status(reference)

    def refund(self, reference: str, amount: Decimal, currency: str, key: UUID) -> Refunded:
        params: Any = {
            "payment_intent": reference,
            "amount": to_minor(amount, currency),
            "metadata": {"refund": str(key)},
        }
        with _answers(), _refuses():
            # Stripe forgets idempotency keys after a day; the refund itself keeps ours.
            done = next((made for made in self.refunds_of(reference) if made.key == str(key)), None)
            return done or refunded_of(self.api.refunds.create(params, {"idempotency_key": str(key)}))

    def refund_status(self, reference: str) -> Refunded:
        with _answers():
            try:
                return refunded_of(self.api.refunds.retrieve(reference))
            except stripe.InvalidRequestError as error:
                raise GatewayUnreachable(str(error)) from error

    def refunds_of(self, reference: str) -> list[Refunded]:
        with _answers():
            try:
                made: Iterable[Any] = self.api.refunds.list({"payment_intent": reference}).auto_paging_iter()
                return [refunded_of(row) for row in made]
            except stripe.InvalidRequestError as error:
                raise GatewayUnreachable(str(error)) from error

    def charges_since(self, moment: datetime) -> Iterator[Charge]:
        for made in _newest_first(self.api.payment_intents.list, moment):
            if site_of(made) in ("", settings.PUBLIC_URL) and key_in(made, "payment"):
                yield charge_of(made)

    def refunds_since(self, moment: datetime) -> Iterator[Refunded]:
        return (refunded_of(made) for made in _newest_first(self.api.refunds.list, moment))

    def disputes_since(self, moment: datetime) -> Iterator[Disputed]:
        return (disputed_of(made) for made in _newest_first(self.api.disputes.list, moment))


def _newest_first(list_page: Any, moment: datetime) -> Iterator[Any]:
    """Every object of a list that was made since `moment`. Raises GatewayUnreachable.

    Stripe lists the newest first, so that the first older one is where to stop.
    """
    after: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = _page(list_page, {"limit": PAGE, **after})
        for made in page.data:
            if made.created < moment.timestamp():
                return
            yield made
        if not page.has_more or not page.data:
            return
        after = {"starting_after": page.data[-1].id}


def _page(list_page: Any, params: dict[str, Any]) -> Any:
    """One page of a list. Raises GatewayUnreachable, NoSuchList."""
    with _answers():
        try:
            return list_page(params)
        except stripe.StripeError as error:
            if error.http_status == HTTPStatus.NOT_FOUND:
                raise NoSuchList(str(error)) from error
            raise GatewayUnreachable(type(error).__name__) from error


@contextmanager
def _answers() -> Iterator[None]:
    """Turns every failure to get an answer into GatewayUnreachable."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        log.warning("stripe: %s: %s", type(error).__name__, error.user_message or error)
        raise GatewayUnreachable(type(error).__name__) from error


@contextmanager
def _refuses() -> Iterator[None]:
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise GatewayRefused(error.user_message or str(error)) from error


def read_event(payload: bytes, signature: str) -> Any:
    """The event in a webhook's raw body. Raises ValueError where the signature is not Stripe's or is older than 300 s."""
    try:
        return stripe.Webhook.construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE_S)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("not signed by Stripe") from error
