"""The page of a payment. No card number reaches this server: the form sends a gateway's token."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.models import Payment
from bookings.pages.booking import key_in, shown_to, viewer
from bookings.pages.booking_view import Shown, action_page
from bookings.services.paying import start_payment
from core import clock
from core.errors import DomainError
from core.said import translated


def cards() -> list[dict[str, str]]:
    """The sandbox's cards, each with its result."""
    return [
        {"token": "tok_ok", "title": _("Card that works"), "text": _("Paid at once.")},
        {"token": "tok_declined", "title": _("Card without cover"), "text": _("Declined, nothing is charged.")},
        {"token": "tok_action", "title": _("Card that asks back"), "text": _("A page of the bank comes first.")},
        {"token": "tok_timeout", "title": _("Bank that is slow"), "text": _("Charged, the answer comes later.")},
    ]


# What Stripe's card fields need, on this page alone and only where Stripe is chosen: its script, which may be had from
# nowhere else, its frames and its API. Source: docs.stripe.com/security/guide#content-security-policy
STRIPE_DOORS = {
    "script-src": ["https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}


@login_required
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, booking_id: int) -> HttpResponseBase:
    """`/bookings/<id>/pay/`."""
    shown = shown_to(request, booking_id)
    if request.method == "POST":
        return _pay(request, shown)
    if not shown.pays:
        return redirect("booking", booking_id)
    return _form(request, shown)


def _form(request: HttpRequest, shown: Shown, problem: str = "") -> HttpResponseBase:
    change = shown.payable_change
    content: dict[str, Any] = shown.price() | {
        "due": change.total - shown.booking.total if change else shown.booking.total,
        "change": change,
        "gateway": settings.PAYMENT_GATEWAY,
        "publishable": settings.STRIPE_PUBLISHABLE_KEY,
        "payment_url": f"/api/booking/{shown.booking.pk}/payment/",
        "cards": cards(),
        "due_at": shown.due_at(),
        "problem": problem,
        "key": uuid4().hex,
    }
    show = partial(render, template_name="bookings/pay.html", context=content)
    return (csp_update(STRIPE_DOORS)(show) if settings.PAYMENT_GATEWAY == "stripe" else show)(request)


def _pay(request: HttpRequest, shown: Shown) -> HttpResponseBase:
    token, key = request.POST.get("token", ""), key_in(request)
    try:
        payment = start_payment(
            actor=viewer(request), booking_id=shown.booking.pk, method="card", token=token, key=key, now=clock.now()
        )
    except DomainError as error:
        return _form(request, shown, translated(error.message))
    return _after(request, payment)


def _after(request: HttpRequest, payment: Payment) -> HttpResponse:
    if payment.status == Payment.Status.REQUIRES_ACTION:
        return redirect(action_page(payment))
    if payment.status == Payment.Status.SUCCEEDED:
        messages.success(request, _("Paid. Your stay is confirmed."))
    else:
        messages.info(request, _("The bank has not answered yet. The booking's page follows it by itself."))
    return redirect("booking", payment.booking_id)
