"""Stripe's messages as it sends them, signed. Shapes: docs.stripe.com/api/events/types, /refunds, /disputes, /charges."""

import hashlib
import hmac
import json
import time
from uuid import uuid4

from tests.stripe import SECRET

WEBHOOK = "/api/payments/stripe/webhook/"


def event_of(kind, thing, event_id="", **more):
    return {"id": event_id or f"evt_{uuid4().hex}", "object": "event", "type": kind, "data": {"object": thing}} | more


def send(api, event, *, age=0, secret=SECRET):
    body = json.dumps(event).encode()
    at = int(time.time()) - age
    mark = hmac.new(secret.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
    return api.post(
        WEBHOOK, body, content_type="application/json", headers={"Stripe-Signature": f"t={at},v1={mark}"}
    )  # fmt: skip


def refund_body(payment, amount, status="succeeded", id="", key="", **more):
    return {
        "id": id or f"re_{uuid4().hex[:14]}", "object": "refund", "amount": int(amount * 100), "charge": "ch_1",
        "currency": payment.currency.lower(), "payment_intent": payment.reference, "status": status,
        "metadata": {"refund": str(key)} if key else {}, "reason": None, "created": int(time.time()),
    } | more  # fmt: skip


def charge_body(payment, returned, **more):
    return {
        "id": "ch_1", "object": "charge", "amount": int(payment.amount * 100), "amount_refunded": int(returned * 100),
        "currency": payment.currency.lower(), "payment_intent": payment.reference, "refunded": returned == payment.amount,
    } | more  # fmt: skip


def dispute_body(payment, amount, status="needs_response", id="du_1", **more):
    return {
        "id": id, "object": "dispute", "amount": int(amount * 100), "charge": "ch_1", "status": status,
        "currency": payment.currency.lower(), "payment_intent": payment.reference, "reason": "fraudulent",
        "is_charge_refundable": status.startswith("warning"), "balance_transactions": [], "metadata": {},
        "created": int(time.time()),
    } | more  # fmt: skip
