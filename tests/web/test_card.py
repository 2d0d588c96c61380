"""Paying by card in a real browser: Stripe's fields are localstripe's, on Stripe's own addresses, so that the page's content
policy judges them as it would judge the real ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from bookings.models import Booking, Payment
from core import clock
from tests.factories.bookings import make_booking
from tests.factories.stays import make_property, make_user
from tests.servers import UNLIMITED, ServerProcess
from tests.stripe import CARDS, KEY, SECRET, running_stripe
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

# What localstripe's script leaves out: a payment method, made at Stripe's own address.
METHODS = """
const plain = Stripe;
Stripe = (key) => ({ ...plain(key), createPaymentMethod: async ({ type, card }) => {
  const fields = Object.entries(card.value.card).map(([name, value]) => [`card[${name}]`, value]);
  const body = new URLSearchParams([["type", type], ...fields]);
  const response = await fetch("https://api.stripe.com/v1/payment_methods", { method: "POST", body });
  const answer = await response.json();
  return response.ok ? { paymentMethod: answer } : { error: answer.error };
} });
"""


@pytest.fixture(scope="module")
def stripe_url() -> Iterator[str]:
    yield from running_stripe()


@pytest.fixture
def server(serve: Callable[..., ServerProcess], stripe_url: str) -> ServerProcess:
    return serve(
        **UNLIMITED, PAYMENT_GATEWAY="stripe", STRIPE_SECRET_KEY=KEY, STRIPE_PUBLISHABLE_KEY="pk_test_only_for_tests",
        STRIPE_WEBHOOK_SECRET=SECRET, STRIPE_API_BASE=stripe_url,
    )  # fmt: skip


def stand_in(page: Page, stripe_url: str) -> None:
    """Stripe's addresses, answered by localstripe."""
    script = httpx.get(f"{stripe_url}/js.stripe.com/v3/").text + METHODS

    def api(route: Route, request: Request) -> None:
        path = request.url.removeprefix("https://api.stripe.com")
        answer = httpx.post(f"{stripe_url}{path}", content=request.post_data_buffer, auth=(KEY, ""),
                            headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        route.fulfill(status=answer.status_code, body=answer.content, headers={"Access-Control-Allow-Origin": "*"})

    page.route("https://js.stripe.com/v3/", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.route("https://api.stripe.com/**", api)
    page.route("https://hooks.stripe.test/**", lambda route: route.fulfill(body="Is it you?", content_type="text/html"))


def pay_with(page: Page, number: str) -> None:
    for field, value in {"number": number, "exp_month": "12", "exp_year": "30", "cvc": "123"}.items():
        page.get_by_placeholder(field).fill(value)
    page.get_by_role("button", name=re.compile("^Pay ৳")).click()


def test_a_card_is_declined_asked_back_and_pays(visit: Callable[..., Visitor], stripe_url: str) -> None:
    booking = make_booking(make_property(), make_user(), now=clock.now(), first=20)
    visitor = visit(booking.guest)
    page = visitor.page
    stand_in(page, stripe_url)
    visitor.go(f"/bookings/{booking.pk}/pay/")
    assert visitor.accessibility() == []
    pay_with(page, CARDS["declined"])
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    pay_with(page, CARDS["challenged"])
    page.wait_for_url("https://hooks.stripe.test/**")
    bank = page.url
    # Left there: another card may be tried, and the first never charges.
    visitor.go(f"/bookings/{booking.pk}/")
    expect(page.get_by_role("link", name="Go on at the bank")).to_have_attribute("href", bank)
    page.get_by_role("link", name="Pay with another card").click()
    pay_with(page, CARDS["good"])
    page.wait_for_url(f"**/bookings/{booking.pk}/")
    expect(page.get_by_text("Paid", exact=True)).to_be_visible()
    assert Booking.objects.get().payment_status == "paid"
    assert list(Payment.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "failed", "succeeded"]
    visitor.troubles = [trouble for trouble in visitor.troubles if "409" not in trouble]


def test_elsewhere_stripe_may_do_nothing(visit: Callable[..., Visitor]) -> None:
    booking = make_booking(make_property(), make_user(), now=clock.now(), first=20)
    visitor = visit(booking.guest)
    for path, allowed in ((f"/bookings/{booking.pk}/pay/", True), (f"/bookings/{booking.pk}/", False), ("/", False)):
        answer = visitor.context.request.get(path)
        assert ("stripe.com" in answer.headers["content-security-policy"]) is allowed, path
