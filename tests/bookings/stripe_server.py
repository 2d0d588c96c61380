"""localstripe, with what the real Stripe does beyond it and this product relies on:

- an `Idempotency-Key` gives the first answer again;
- an intent is confirmed with its payment method and the address to come back to;
- a card that wants the guest leads to a page;
- a declined card is a `card_error`;
- no more goes back than was charged, nothing while a dispute is open, and a refund may be refused for the account's own
  reasons (`POST /_config/refusals` with `message`; empty: no more);
- disputes are listed (`POST /_config/disputes` with `payment_intent`, `amount` and `status` opens or changes one);
- all that is kept is forgotten (`POST /_config/forget`);
- refunds fail after they succeeded (`POST /_config/refunds/ID` with `status`).

python -m tests.bookings.stripe_server PORT
"""

import sys

from aiohttp import web
from localstripe import resources, server
from localstripe.errors import UserError
from localstripe.resources import PaymentIntent, Refund

# Its disk is one file for every process of the machine.
resources.Store.dump_to_disk = lambda self: None
answers: dict[str, tuple[int, bytes]] = {}


@web.middleware
async def idempotent(request, handler):
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return await handler(request)
    if key not in answers:
        response = await handler(request)
        answers[key] = (response.status, response.body)
    status, body = answers[key]
    return web.Response(status=status, body=body, content_type="application/json")


@web.middleware
async def card_errors(request, handler):
    response = await handler(request)
    if response.status == 402:
        response.body = response.body.replace(b'"invalid_request_error"', b'"card_error"')
    return response


plain_create = PaymentIntent._api_create.__func__


def create(description=None, **data):
    return plain_create(PaymentIntent, **data)


def confirm(id, payment_method=None, return_url=None, **data):
    intent = PaymentIntent._api_retrieve(id)
    if payment_method is not None:
        if intent.status not in ("requires_payment_method", "requires_confirmation"):
            raise UserError(400, "This intent can't be confirmed any more.")
        intent.payment_method = resources.PaymentMethod._api_retrieve(payment_method).id
    PaymentIntent._api_confirm(id)
    if intent.next_action and return_url:
        page = {"url": f"https://hooks.stripe.test/{id}", "return_url": return_url}
        intent.next_action = {"type": "redirect_to_url", "redirect_to_url": page}
    return intent


class Dispute(resources.StripeObject):
    object = "dispute"
    _id_prefix = "du_"

    def __init__(self, payment_intent, amount, status="needs_response", reason="fraudulent"):
        intent = PaymentIntent._api_retrieve(payment_intent)
        super().__init__()
        self.payment_intent, self.charge = payment_intent, intent.latest_charge.id
        self.amount, self.currency, self.status, self.reason = int(amount), intent.currency, status, reason


def open_dispute(payment_intent=None, amount=None, status="needs_response", id=None):
    if id is None:
        return Dispute(payment_intent, amount, status)
    dispute = Dispute._api_retrieve(id)
    dispute.status = status
    return dispute


def of_kind(kind):
    return [value for key, value in resources.store.items() if key.startswith(f"{kind}:")]


def refund_status(id=None, status="failed"):
    refund = Refund._api_retrieve(id)
    refund.status = status
    return refund


def forget():
    resources.store.clear()
    refusals.clear()
    return resources.List("/_config/forget")


refusals = []
plain_refund = Refund.__init__


def refuse(message=""):
    refusals[:] = [message] if message else []
    return resources.List("/_config/refusals")


def refund(self, charge=None, payment_intent=None, amount=None, **data):
    if payment_intent is not None:
        charged = PaymentIntent._api_retrieve(payment_intent)
        gone = sum(r.amount for r in of_kind("refund") if r.payment_intent == payment_intent and r.status != "failed")
        left = charged.amount - gone
        if refusals:
            raise UserError(400, refusals[0])
        if any(d.payment_intent == payment_intent and d.status == "needs_response" for d in of_kind("dispute")):
            raise UserError(400, "This charge has been charged back.")
        if int(amount or left) > left:
            raise UserError(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        amount = amount or left
    plain_refund(self, charge=charge, payment_intent=payment_intent, amount=amount, **data)


Refund.__init__ = refund
PaymentIntent._api_create = create
first = web.Application(middlewares=[idempotent, card_errors, *server.app.middlewares])
first.router.add_post("/v1/payment_intents", server.api_create(PaymentIntent, ""))
first.router.add_post("/v1/payment_intents/{id}/confirm", server.api_extra(confirm, ""))
first.router.add_get("/v1/disputes", server.api_list_all(Dispute, "/v1/disputes"))
first.router.add_post("/_config/disputes", server.api_extra(open_dispute, ""))
first.router.add_post("/_config/refusals", server.api_extra(refuse, ""))
first.router.add_post("/_config/forget", server.api_extra(forget, ""))
first.router.add_post("/_config/refunds/{id}", server.api_extra(refund_status, ""))
for resource in server.app.router.resources():
    for route in resource:
        if (route.method, resource.canonical) not in {
            ("POST", "/v1/payment_intents"),
            ("POST", "/v1/payment_intents/{id}/confirm"),
        } and route.method != "HEAD":
            first.router.add_route(route.method, resource.canonical, route.handler)

if __name__ == "__main__":
    web.run_app(first, host="127.0.0.1", port=int(sys.argv[1]), print=None)
