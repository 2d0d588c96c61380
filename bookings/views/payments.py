"""Payments over REST, webhooks of gateways, and the sandbox's page."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.models import Payment
from bookings.selectors.bookings import access_payment, access_payments
from bookings.selectors.payments import get_sandbox_payment
from bookings.serializers import PaymentIn, payment_body
from bookings.services.paying import start_payment
from bookings.services.sandbox_actions import finish_sandbox_action
from bookings.views import answers
from core import clock
from core.api.openapi import paged
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.requests import actor_of, key_of, read_command
from core.errors import Code, invalid
from core.said import said


class Payments(APIView):
    """A booking's payments."""

    takes_key = True

    @extend_schema(request=PaymentIn, responses={201: answers.PAYMENT, 202: answers.PAYMENT})
    @refuses(Code.PAYMENT_DECLINED, Code.PAYMENT_ALREADY_PAID, Code.PAYMENT_NOT_OFFERED, Code.BOOKING_WRONG_STATE)
    def post(self, request: Request, booking_id: int) -> Response:
        """Pays the booking in full. 202 where the gateway has not answered yet."""
        given = read_command(request, "booking.pay", PaymentIn.read)
        payment = start_payment(
            actor=actor_of(request),
            booking_id=booking_id,
            method=given["method"],
            token=given["token"],
            key=key_of(request),
            now=clock.now(),
        )
        return Response(payment_body(payment), status=202 if payment.status == Payment.Status.PROCESSING else 201)

    @extend_schema(**paged(answers.PAYMENT))
    def get(self, request: Request, booking_id: int) -> Response:
        """Lists a booking's payments, newest first."""
        user_id = actor_of(request).pk
        return list_response(
            request,
            lambda limit, before: access_payments(booking_id, user_id=user_id, limit=limit, before=before),
            id_of=lambda row: row.pk,
            show=payment_body,
        )


class PaymentDetails(APIView):
    """One payment."""

    @extend_schema(responses={200: answers.PAYMENT})
    def get(self, request: Request, booking_id: int, payment_id: int) -> Response:
        """Reads a payment."""
        return Response(payment_body(access_payment(booking_id, payment_id, user_id=actor_of(request).pk)))


# The address is a secret that only the payer has, and the page moves no real money.
@method_decorator(csrf_exempt, name="dispatch")
class SandboxAction(View):
    """The sandbox's page of the bank: it succeeds or fails the payment."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        return self.show(request, get_sandbox_payment(reference))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        outcome = request.POST.get("outcome", "")
        if outcome not in ("succeed", "fail"):
            raise invalid(outcome="Say succeed or fail.")
        return self.show(request, finish_sandbox_action(reference, succeed=outcome == "succeed", now=clock.now()))

    def show(self, request: HttpRequest, payment: Payment) -> HttpResponse:
        waiting = payment.status == Payment.Status.REQUIRES_ACTION
        return render(request, "bookings/sandbox.html", {"payment": payment, "waiting": waiting})


@csrf_exempt
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Stripe's messages: signed, at most 300 s old, each dealt with once."""
    if settings.PAYMENT_GATEWAY != "stripe" or not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    # Only loaded where Stripe is used, as its library is large.
    from bookings.gateways.stripe import read_event
    from bookings.services.gateway_events import take_stripe_event

    try:
        event = read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except ValueError:
        error = invalid(signature=said("Not signed by Stripe, or too old."))
        return JsonResponse(error.as_dict(), status=error.status)
    try:
        handled = take_stripe_event(event, now=clock.now())
    except ValueError as error:
        refusal = invalid(data=str(error))
        return JsonResponse(refusal.as_dict(), status=refusal.status)
    return JsonResponse({"handled": handled})
