"""What can be paid at all: units and bounds of each currency, nothing to pay, and where a price out of bounds is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notification
from bookings.gateways import payment_bounds
from bookings.gateways.stripe_currencies import NAMED_LEAST, OTHER_LEAST, bounds, from_minor, to_minor
from bookings.models import Booking, Payment
from bookings.rules.cancellation import RULES, Price, refund_of
from core.money import ZERO, share_out, unit_of
from properties.models import Property
from properties.rules.quote import make_quote
from properties.serializers.steps import CURRENCIES
from tests.factories.bookings import NOW, day, make_booking
from tests.factories.properties import make_property, make_user

amounts = st.decimals(Decimal("0.00"), Decimal("99999.99"), places=2)


@pytest.mark.parametrize(
    ("currency", "least", "most"),
    [
        ("USD", "0.50", "999999.99"),
        ("EUR", "0.50", "999999.99"),
        ("THB", "10.00", "999999.99"),
        ("BDT", "125.00", "999999.99"),
        ("INR", "0.50", "9999999.99"),
        ("IDR", "17000.00", "9999999999.99"),
        ("HUF", "175.00", "9999999999.99"),
        ("MGA", "4700.00", "99999999.00"),
        ("IRR", "0.00", "0.00"),
    ],
)
def test_what_stripe_takes(currency, least, most):
    found = bounds(currency)
    assert (str(found.least), str(found.most)) == (least, most)


def test_every_currency_of_a_listing_has_bounds_or_is_not_taken():
    assert set(NAMED_LEAST) | set(OTHER_LEAST) <= CURRENCIES
    assert not set(NAMED_LEAST) & set(OTHER_LEAST)
    for currency in CURRENCIES:
        found = bounds(currency)
        assert found.least <= found.most
        assert found.least % unit_of(currency) == 0


@given(amounts, st.sampled_from(["USD", "BDT", "HUF", "MGA"]))
def test_what_is_sent_comes_back_as_it_was(amount, currency):
    whole = amount // unit_of(currency) * unit_of(currency)
    assert from_minor(to_minor(whole, currency), currency) == whole
    assert to_minor(whole, currency) == (whole if currency == "MGA" else whole * 100)


def test_no_part_of_the_smallest_unit_is_ever_sent():
    with pytest.raises(ValueError, match="smallest unit"):
        to_minor(Decimal("10.50"), "MGA")


@given(amounts, amounts, st.decimals(Decimal(0), Decimal(30), places=2), st.integers(1, 40), st.sampled_from(RULES))
def test_every_line_of_an_ariary_quote_and_of_its_refund_can_be_paid(stay, cleaning, percent, nights, rule):
    quote = make_quote(
        currency="MGA",
        nights=nights,
        stay=stay,
        meals=ZERO,
        cleaning=cleaning,
        fee_percent=percent,
        tax_percent=percent,
    )
    lines = (quote.stay, quote.meals, quote.cleaning, quote.platform_fee, quote.tax)
    assert quote.total == sum(lines)
    back = refund_of(Price(*lines), nights, rule, unit=unit_of("MGA"))
    assert all(line % 1 == 0 for line in (*lines, *back.lines))


@given(st.lists(amounts, min_size=5, max_size=5), st.data())
def test_shares_add_up(lines, data):
    total = sum(lines, ZERO)
    amount = data.draw(st.decimals(ZERO, total, places=2))
    shares = share_out(amount, tuple(lines))
    assert sum(shares, ZERO) == (amount if total else ZERO)
    assert all(share >= 0 for share in shares)


def body(home, first=0, nights=3):
    return {
        "property_id": home.pk, "booking_type": "stay", "start_date": day(first).isoformat(),
        "end_date": day(first + nights).isoformat(), "number_of_guests": 2,
    }  # fmt: skip


def quote_path(home, first=0, nights=3):
    return f"/api/property/{home.pk}/quote/?start_date={day(first)}&end_date={day(first + nights)}&guests=2&booking_type=stay"


def haggle(client, home, price):
    return client.post("/api/nego/start_negotiation_by_guest/", body(home) | {"guest_price": price})


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
class TestAtTheDoors:
    @pytest.mark.parametrize(("price", "reason"), [("20.00", "too little"), ("400000.00", "too much")])
    def test_a_total_out_of_bounds_is_refused_in_quote_and_reserve(self, sign_in, settings, price, reason):
        settings.PAYMENT_GATEWAY = "stripe"
        home, client = make_property(price=Decimal(price)), sign_in(make_user())
        for answer in (client.get(quote_path(home)), client.post("/api/reserve/", body(home))):
            assert (answer.status_code, answer.json()["code"]) == (409, "stay.not_payable"), reason
            params = answer.json()["params"]
            assert (params["least"], params["most"]) == ("125.00", "999999.99")
        assert not Booking.objects.exists()

    def test_in_opening_and_offer(self, sign_in, settings):
        settings.PAYMENT_GATEWAY = "stripe"
        home, guest = make_property(price=Decimal(1000), negotiable=True), make_user()
        client, host = sign_in(guest), sign_in(home.host)
        assert haggle(client, home, "0.01").json()["code"] == "stay.not_payable"
        opened = haggle(client, home, "2000")
        assert opened.status_code == 200, opened.json()
        room = opened.json()["id"]
        answer = host.put(f"/api/nego/host_proposed/{room}/", {"host_price": "2500"})
        assert answer.status_code == 200
        Property.objects.update(price=Decimal(900_000))
        assert haggle(sign_in(make_user()), home, "950000").json()["code"] == "stay.not_payable"

    def test_a_hundredth_can_be_paid_in_the_sandbox(self, sign_in):
        home, client = make_property(price=Decimal(1000), negotiable=True), sign_in(make_user())
        assert payment_bounds(currency="BDT").least == Decimal("0.01")
        assert haggle(client, home, "0.01").status_code == 200

    def test_ariary_are_haggled_in_whole_ones(self, sign_in, settings):
        settings.PAYMENT_GATEWAY = "stripe"
        home = make_property(price=Decimal(100_000), currency="MGA", negotiable=True)
        client = sign_in(make_user())
        answer = haggle(client, home, "200000.50")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["guest_price"])
        assert haggle(client, home, "200000").status_code == 200

    def test_where_the_price_is_set(self, sign_in, settings):
        settings.PAYMENT_GATEWAY = "stripe"
        host = make_user(is_host=True)
        home = make_property(host=host)
        Property.objects.update(listed_at=None)
        step = {"price": "1000", "currency": "BDT"}
        client, path = sign_in(host), f"/api/property_registration/step4/{home.pk}/"
        assert client.put(path, step).status_code == 200
        refused = [
            ({"price": "5"}, "price"),
            ({"price": "900000"}, "price"),
            ({"currency": "IRR"}, "currency"),
            ({"currency": "MGA", "price": "10000.50"}, "price"),
            ({"price_rules": [{"start_date": "2027-03-01", "end_date": "2027-04-01", "price": "1"}]}, "price_rules"),
        ]
        for change, name in refused:
            answer = client.put(path, step | change)
            assert (answer.status_code, list(answer.json()["fields"])) == (400, [name]), change
        assert client.put(path, step | {"price": "50", "min_nights": 3}).status_code == 200

    def cheap(self, **more):
        """Seven nights from thirty days ahead come to 0.00."""
        return make_property(
            price=Decimal("1.00"), weekly_percent=Decimal(99), early_booking_percent=Decimal(99), **more
        )  # fmt: skip

    def test_nothing_to_pay_is_settled_at_once(self, sign_in):
        home, guest = self.cheap(instant_book=True), make_user()
        client = sign_in(guest)
        assert client.get(quote_path(home, 10, 7)).json()["total"] == "0.00"
        answer = client.post("/api/reserve/", body(home, 10, 7))
        assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (
            201,
            "confirmed",
            "paid",
        )
        booking = Booking.objects.get()
        assert booking.calendar_entry.kind == "stay"
        again = client.post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_ok"})
        assert (again.status_code, again.json()["code"], Payment.objects.count()) == (409, "payment.already_paid", 0)
        over = client.put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
        assert (over.json()["status"], over.json()["payment_status"]) == ("cancelled", "paid")

    def test_at_approval(self, sign_in):
        home, guest = self.cheap(), make_user()
        booking = sign_in(guest).post("/api/reserve/", body(home, 10, 7)).json()["reservation_id"]
        answer = sign_in(home.host).put(f"/api/booking/{booking}/status/", {"status": "confirmed"})
        assert (answer.json()["status"], answer.json()["payment_status"]) == ("confirmed", "paid")

    def test_at_acceptance(self):
        from tests.factories.bookings import agreed, confirm_agreed_stays

        quote = make_quote(
            currency="BDT",
            nights=3,
            stay=ZERO,
            meals=ZERO,
            cleaning=ZERO,
            fee_percent=Decimal(5),
            tax_percent=Decimal(5),
        )
        [booking] = confirm_agreed_stays([agreed(make_property(), make_user(), quote=quote)], now=NOW)
        booking = Booking.objects.get(pk=booking.pk)
        assert (booking.status, booking.payment_status, booking.pay_by) == ("confirmed", "paid", None)


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
def test_a_preview_adds_up_after_a_partial_refund(sign_in):
    """The policy's half is half of the price, and what went back before counts towards it."""
    from django.test import TestCase

    from bookings.services.staff_refunds import refund_by_staff

    booking = make_booking(make_property(), make_user())
    client, path = sign_in(booking.guest), f"/api/booking/{booking.pk}/refund/"
    client.post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_ok"})
    with TestCase.captureOnCommitCallbacks(execute=True):
        refund_by_staff(actor=make_user(is_staff=True), booking_id=booking.pk, amount=Decimal("33.33"), now=NOW)
    for side, rule, back in [("guest", "half", booking.total / 2), ("host", "all", booking.total)]:
        Booking.objects.update(confirmed_at=NOW - timedelta(days=20), check_in_at=NOW + timedelta(days=3))
        shown = sign_in(getattr(booking, side)).get(path).json()
        lines = sum(Decimal(line) for line in shown["lines"].values())
        assert (shown["rule"], Decimal(shown["amount"])) == (rule, back - Decimal("33.33"))
        assert lines == Decimal(shown["amount"])
        parts = ("amount", "kept", "already_returned", "owed")
        assert sum(Decimal(shown[part]) for part in parts) == Decimal(shown["paid"]) == booking.total
    client.put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
    shown = client.get(path).json()
    assert (shown["amount"], set(shown["lines"].values())) == ("0.00", {"0.00"})
    assert Decimal(shown["already_returned"]) == booking.total / 2
    assert Decimal(shown["kept"]) == booking.total / 2
    assert Notification.objects.filter(kind="booking.refunded", user=booking.guest).count() == 2
