"""Stripe by its own library against a Stripe that keeps its own state: localstripe, in a process of its own."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from bookings.gateways.base import FAILED, OPEN, SUCCEEDED, GatewayUnreachable, Order
from bookings.gateways.stripe import StripeGateway
from bookings.models import Booking, GatewayEvent, Payment, Refund
from bookings.selectors.refunds import get_balance
from bookings.services.paying import start_payment
from bookings.services.reconciling import reconcile_all
from core.errors import DomainError
from tests.bookings.stripe_events import dispute_body, event_of, refund_body, send
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user
from tests.stripe import CARDS, KEY, SECRET
from tests.waiting import until


def card(stripe, kind):
    fields = {"number": CARDS[kind], "exp_month": "12", "exp_year": "2030", "cvc": "123"}
    return stripe("POST", "payment_methods", type="card", **{f"card[{k}]": v for k, v in fields.items()})["id"]


def order(amount="29.90"):
    return Order(uuid4(), Decimal(amount), "BDT", "a stay")


@pytest.mark.usefixtures("stripe")
class TestGateway:
    """Without a database."""

    def test_one_key_is_one_intent_and_one_charge(self):
        gateway, wanted = StripeGateway(), order()
        reference = gateway.authorise(wanted)
        assert gateway.authorise(wanted) == reference
        assert gateway.status(reference).status == OPEN
        for _ in range(2):
            charge = gateway.capture(reference, "pm_card_visa", "http://localhost/")
            assert (charge.status, charge.amount, charge.currency) == (SUCCEEDED, Decimal("29.90"), "BDT")
        assert gateway.void(reference).status == SUCCEEDED

    def test_a_void_intent_never_charges(self):
        gateway = StripeGateway()
        reference = gateway.authorise(order())
        assert gateway.void(reference).status == FAILED
        assert gateway.capture(reference, "pm_card_visa", "http://localhost/").status == FAILED

    def test_a_declined_card(self, stripe):
        gateway = StripeGateway()
        charge = gateway.capture(gateway.authorise(order()), card(stripe, "declined"), "http://localhost/")
        assert (charge.status, charge.failure) == (FAILED, "Your card was declined.")

    def test_a_refund_is_made_once_for_its_key(self, stripe):
        gateway = StripeGateway()
        reference = gateway.authorise(order())
        gateway.capture(reference, "pm_card_visa", "http://localhost/")
        key = uuid4()
        first, again = (gateway.refund(reference, Decimal("10.00"), "BDT", key) for _ in range(2))
        assert first == again
        assert gateway.refund_status(first.reference).status == SUCCEEDED
        other = gateway.refund(reference, Decimal("10.00"), "BDT", uuid4())
        assert other.reference != first.reference
        assert sum(r["amount"] for r in stripe("GET", f"refunds?payment_intent={reference}")["data"]) == 2000

    def test_no_answer_is_no_refusal(self, settings):
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        with pytest.raises(GatewayUnreachable):
            StripeGateway().status("pi_x")

    @pytest.mark.parametrize("token", ["", "tok_ok", "4242424242424242", "pm_", "pm_x/../y"])
    def test_what_is_no_payment_method(self, token):
        with pytest.raises(DomainError, match="invalid"):
            StripeGateway().check_token(token)


def fresh(booking):
    return Booking.objects.get(pk=booking.pk)


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
class TestPaying:
    @pytest.fixture
    def booking(self):
        return make_booking(make_property(), make_user())

    def pay(self, sign_in, booking, token):
        return sign_in(booking.guest).post(f"/api/booking/{booking.pk}/payment/", {"token": token})

    def test_paid_and_given_back(self, sign_in, stripe, booking):
        assert self.pay(sign_in, booking, "pm_card_visa").json()["status"] == "succeeded"
        assert fresh(booking).payment_status == "paid"
        sign_in(booking.host).put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
        assert fresh(booking).payment_status == "refunded"
        intent = stripe("GET", f"payment_intents/{Payment.objects.get().reference}")
        assert (intent["status"], intent["amount"]) == ("succeeded", int(booking.total * 100))
        assert stripe("GET", f"refunds/{Refund.objects.get().reference}")["amount"] == intent["amount"]
        assert get_balance(booking.pk).kept == 0

    def test_declined(self, sign_in, stripe, booking):
        answer = self.pay(sign_in, booking, card(stripe, "declined"))
        assert (answer.status_code, answer.json()["code"]) == (409, "payment.declined")
        assert fresh(booking).payment_status == "due"

    def test_unknown_method(self, sign_in, stripe, booking):
        answer = self.pay(sign_in, booking, "pm_unknown")
        assert (answer.status_code, answer.json()["code"]) == (409, "payment.declined")

    def test_the_guests_bank_asks(self, sign_in, stripe, booking):
        answer = self.pay(sign_in, booking, card(stripe, "challenged")).json()
        assert (answer["status"], answer["action_url"][:26]) == ("requires_action", "https://hooks.stripe.test/")
        reference = Payment.objects.get().reference
        secret = stripe("GET", f"payment_intents/{reference}")["client_secret"]
        stripe("POST", f"payment_intents/{reference}/_authenticate", client_secret=secret, success="true")
        reconcile_all(NOW + timedelta(minutes=1))
        assert fresh(booking).payment_status == "paid"

    def test_stripe_down_is_healed_later(self, sign_in, settings, stripe, booking):
        there, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
        answer = self.pay(sign_in, booking, "pm_card_visa")
        assert (answer.status_code, answer.json()["status"]) == (202, "processing")
        settings.STRIPE_API_BASE = there
        reconcile_all(NOW + timedelta(minutes=2))
        assert fresh(booking).payment_status == "due"
        assert stripe("GET", f"payment_intents/{Payment.objects.get().reference}")["status"] == "canceled"


@pytest.mark.django_db
@pytest.mark.usefixtures("at", "stripe")
class TestWebhook:
    @pytest.fixture
    def payment(self):
        booking = make_booking(make_property(), make_user())
        Booking.objects.filter(pk=booking.pk).update(payment_status="processing", processing_since=NOW)
        return Payment.objects.create(
            booking=booking, gateway="stripe", amount=booking.total, currency="BDT", key=uuid4(), created_at=NOW,
            reference=f"pi_{uuid4().hex}", check_at=NOW,
        )  # fmt: skip

    def intent(self, payment, status="succeeded", **more):
        return {
            "id": payment.reference, "object": "payment_intent", "status": status, "currency": "bdt",
            "amount": int(payment.amount * 100), "metadata": {"payment": str(payment.key)},
        } | more  # fmt: skip

    def status_of(self, payment):
        payment.refresh_from_db()
        return payment.status, fresh(payment.booking).payment_status

    def test_told_twice_is_done_once(self, api, payment):
        event = event_of("payment_intent.succeeded", self.intent(payment))
        assert [send(api, event).json() for _ in range(2)] == [{"handled": True}, {"handled": False}]
        assert self.status_of(payment) == ("succeeded", "paid")
        assert get_balance(payment.booking_id).paid == payment.amount
        assert GatewayEvent.objects.count() == 1

    def test_disorder_is_harmless(self, api, payment):
        error = {"last_payment_error": {"message": "No."}}
        send(api, event_of("payment_intent.succeeded", self.intent(payment)))
        send(api, event_of("payment_intent.payment_failed", self.intent(payment, "requires_payment_method", **error)))
        send(api, event_of("payment_intent.processing", self.intent(payment, "processing")))
        assert self.status_of(payment) == ("succeeded", "paid")

    @pytest.mark.parametrize("kind", ["refund.created", "charge.dispute.created"])
    def test_what_is_given_back_or_disputed_was_paid_though_its_news_is_late(self, api, payment, kind):
        body = refund_body(payment, 5) if kind == "refund.created" else dispute_body(payment, 5)
        send(api, event_of(kind, body))
        send(api, event_of("payment_intent.succeeded", self.intent(payment)))
        expected = "partly_refunded" if kind == "refund.created" else "paid"
        assert self.status_of(payment) == ("succeeded", expected)
        assert get_balance(payment.booking_id).paid == payment.amount

    def test_a_failure_and_then_money(self, api, payment):
        send(api, event_of("payment_intent.canceled", self.intent(payment, "canceled")))
        assert self.status_of(payment) == ("failed", "due")
        send(api, event_of("payment_intent.succeeded", self.intent(payment)))
        assert self.status_of(payment) == ("succeeded", "paid")

    def test_an_intent_whose_maker_died_is_found_by_our_key(self, api, payment):
        intent = self.intent(payment)
        Payment.objects.update(reference="")
        send(api, event_of("payment_intent.succeeded", intent))
        assert self.status_of(payment) == ("succeeded", "paid")
        assert payment.reference == intent["id"]

    @pytest.mark.parametrize("other", [{"amount": 1}, {"currency": "usd"}])
    def test_another_amount_or_currency_is_not_ours(self, api, payment, other):
        assert send(api, event_of("payment_intent.succeeded", self.intent(payment, **other))).status_code == 200
        assert self.status_of(payment) == ("processing", "processing")

    @pytest.mark.parametrize("metadata", [{}, {"payment": "of another shop"}, None])
    def test_what_is_not_ours_is_left_alone(self, api, payment, metadata):
        intent = self.intent(payment) | {"id": "pi_other", "metadata": metadata}
        assert send(api, event_of("payment_intent.succeeded", intent)).json() == {"handled": True}
        assert send(api, event_of("customer.created", {"id": "cus_1", "object": "customer"})).status_code == 200
        assert self.status_of(payment) == ("processing", "processing")

    def test_only_stripe_is_believed(self, api, payment):
        event = event_of("payment_intent.succeeded", self.intent(payment))
        assert send(api, event, secret="whsec_other").status_code == 400
        assert send(api, event, age=301).status_code == 400
        path = "/api/payments/stripe/webhook/"
        assert api.post(path, b"{}", content_type="application/json").status_code == 400
        bad = {"Stripe-Signature": "t=x,v1=\xff"}
        assert api.post(path, b"\xff", content_type="application/json", headers=bad).status_code == 400
        assert send(api, ["not", "an", "event"]).status_code == 400
        assert self.status_of(payment) == ("processing", "processing")
        assert send(api, event, age=290).status_code == 200

    def test_where_stripe_is_off_there_is_nothing(self, api, payment, settings):
        settings.PAYMENT_GATEWAY = "sandbox"
        assert send(api, event_of("payment_intent.succeeded", self.intent(payment))).status_code == 404

    def test_a_refund_that_fails_later_is_owed_again(self, api, payment):
        send(api, event_of("payment_intent.succeeded", self.intent(payment)))
        Payment.objects.update(refunded=payment.amount)
        refund = Refund.objects.create(
            payment=payment, booking=payment.booking, amount=payment.amount, key=uuid4(), reference="re_1",
            reason="cancelled", created_at=NOW,
        )  # fmt: skip
        failed = {"id": "re_1", "object": "refund", "status": "failed", "failure_reason": "lost_or_stolen_card"}
        send(api, event_of("refund.failed", failed))
        refund.refresh_from_db()
        assert (refund.status, refund.failure) == ("failed", "lost_or_stolen_card")
        assert (refund.retry.status, refund.retry.amount, refund.retry.reference) == ("pending", payment.amount, "")
        assert Payment.objects.get().refunded == payment.amount


def test_stripes_own_message_reaches_a_real_server(serve, stripe, stripe_url):
    server = serve(
        PAYMENT_GATEWAY="stripe", STRIPE_SECRET_KEY=KEY, STRIPE_API_BASE=stripe_url, STRIPE_WEBHOOK_SECRET=SECRET
    )
    hook = {"url": f"{server.url}/api/payments/stripe/webhook/", "secret": SECRET}
    httpx.post(f"{stripe_url}/_config/webhooks/{server.port}", data=hook, timeout=5).raise_for_status()
    booking = make_booking(make_property(), make_user())
    payment = start_payment(
        actor=booking.guest, booking_id=booking.pk, method="card", token=card(stripe, "challenged"), key=None, now=NOW
    )
    assert payment.status == "requires_action"
    secret = stripe("GET", f"payment_intents/{payment.reference}")["client_secret"]
    stripe("POST", f"payment_intents/{payment.reference}/_authenticate", client_secret=secret, success="true")
    until(lambda: fresh(booking).payment_status != "processing")
    # The clock of the real server is the world's: by then this stay may be over, and its money goes back.
    assert Payment.objects.get().status == "succeeded"
    assert GatewayEvent.objects.get().kind == "payment_intent.succeeded"
