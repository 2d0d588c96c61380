"""localstripe, with what the real Stripe does beyond it and this product relies on:

- an `Idempotency-Key` gives the first answer again;
- an intent is confirmed with its payment method and the address to come back to;
- a card that wants the guest leads to a page;
- a declined card is a `card_error`.

python -m tests.bookings.stripe_server PORT
"""

import sys

from aiohttp import web
from localstripe import resources, server
from localstripe.errors import UserError
from localstripe.resources import PaymentIntent

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


PaymentIntent._api_create = create
first = web.Application(middlewares=[idempotent, card_errors, *server.app.middlewares])
first.router.add_post("/v1/payment_intents", server.api_create(PaymentIntent, ""))
first.router.add_post("/v1/payment_intents/{id}/confirm", server.api_extra(confirm, ""))
for resource in server.app.router.resources():
    for route in resource:
        if (route.method, resource.canonical) not in {
            ("POST", "/v1/payment_intents"),
            ("POST", "/v1/payment_intents/{id}/confirm"),
        } and route.method != "HEAD":
            first.router.add_route(route.method, resource.canonical, route.handler)

if __name__ == "__main__":
    web.run_app(first, host="127.0.0.1", port=int(sys.argv[1]), print=None)
