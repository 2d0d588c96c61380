"""A stay is never kept for no money: every order in which two tries, their news and an end can come."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import permutations
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import TestCase

from bookings.gateways import get_gateway
from bookings.gateways.sandbox import finish_action
from bookings.models import Booking, Payment, Refund, SandboxCharge
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from bookings.services.paying import charge_payment, start_payment, write_intent
from bookings.services.reconciling import reconcile_all
from bookings.services.sandbox_actions import finish_sandbox_action
from bookings.services.settling import record_charge, void_given_up
from bookings.services.status_changes import change_status
from core.errors import DomainError
from tests.factories.accounts import browser_of
from tests.factories.bookings import NOW, make_booking, make_hold
from tests.factories.properties import make_property, make_user
from tests.threads import at_once

# What the gateway does with the first try, what the hub hears of it, and the second try's three steps.
STEPS = ("first succeeds", "first's news", "second's intent", "first is voided", "second is captured")
SECOND = {"declined": "tok_declined", "succeeds": "tok_ok", "needs action": "tok_action"}
ENDS = ("", "cancel by guest", "cancel by host", "deadline")


def orders() -> Iterator[tuple[str, ...]]:
    """Every order of the steps that can be, with an end and a reconcile at any place, or no end at all."""
    for end in ENDS:
        for order in permutations([*STEPS, *filter(None, [end])]):
            at = order.index
            if at(STEPS[0]) < at(STEPS[1]) and at(STEPS[2]) < at(STEPS[3]) < at(STEPS[4]):
                yield order


class Life:
    """One booking, paid twice, with every step of the two tries apart."""

    def __init__(self, instant, second):
        home, guest = make_property(), make_user()
        if instant:
            self.booking = make_hold(home, guest, NOW + timedelta(minutes=15), instant=True)
        else:
            self.booking = make_booking(home, guest, now=NOW)
        self.now, self.second, self.token = NOW, None, SECOND[second]
        self.first = start_payment(
            actor=guest, booking_id=self.booking.pk, method="", token="tok_action", key=None, now=NOW
        )

    def do(self, step):
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                self.steps[step](self)
        except DomainError:
            pass  # a refusal moves nothing

    def first_succeeds(self):
        finish_action(self.first.reference, succeed=True)

    def first_news(self):
        charge = get_gateway("sandbox").status(self.first.reference)
        record_charge(self.first.pk, charge, now=self.now)

    def intent(self):
        with transaction.atomic():
            self.second = write_intent(self.booking.guest, self.booking.pk, "", "sandbox", self.now)

    def void(self):
        void_given_up(self.booking.pk, now=self.now)

    def capture(self):
        if self.second is not None:
            charge_payment(self.second.pk, self.token, now=self.now)

    def cancel(self, side):
        actor = getattr(self.booking, side)
        change_status(actor=actor, booking_id=self.booking.pk, status="cancelled", now=self.now)

    def deadline(self):
        self.now += timedelta(days=2)
        jobs.cancel_unpaid(self.now)
        jobs.expire_holds(self.now)

    steps = {
        "first succeeds": first_succeeds,
        "first's news": first_news,
        "second's intent": intent,
        "first is voided": void,
        "second is captured": capture,
        "cancel by guest": lambda self: self.cancel("guest"),
        "cancel by host": lambda self: self.cancel("host"),
        "deadline": deadline,
        "reconcile": lambda self: reconcile_all(self.now),
    }

    def check(self):
        booking = Booking.objects.get(pk=self.booking.pk)
        held = SandboxCharge.objects.filter(key__in=booking.payments.values_list("key", flat=True))
        kept = sum(charge.amount - charge.refunded for charge in held if charge.status == "succeeded")
        assert get_balance(booking.pk).kept == kept
        state = (booking.status, booking.payment_status)
        if state == ("confirmed", "paid"):
            assert kept == booking.total
        elif state in {("confirmed", "due"), ("pending", "due")}:
            assert kept == 0
            assert booking.pay_by or booking.hold_expires_at
        else:
            assert booking.status in ("cancelled", "expired"), state
            assert kept == 0
        assert not booking.payments.filter(status__in=Payment.RUNNING).exists()
        assert not Refund.objects.filter(booking=booking, status="pending").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("instant", [False, True])
def test_whatever_comes_first_the_stay_is_paid_or_due_or_over(rounds, instant, second):
    every = list(orders())
    assert len(every) == 10 + 3 * 60
    stride = len(every) // rounds(7, len(every))
    # Each of the six takes others in a short run.
    first = (2 * list(SECOND).index(second) + instant) * stride // 6
    for n, order in enumerate(every[first::stride]):
        life = Life(instant, second)
        at = n % (len(order) + 1)
        for step in [*order[:at], "reconcile", *order[at:]]:
            life.do(step)
        # The bank's page is closed for good after half an hour.
        life.now += timedelta(minutes=31)
        life.do("reconcile")
        life.check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("token", ["tok_declined", "tok_ok"])
def test_a_page_that_succeeds_while_another_card_is_tried(rounds, token):
    """The race on real connections: in no round does the stay stay for nothing."""
    for _ in range(rounds(4, 30)):
        booking = make_booking(make_property(), make_user())
        pay = partial(start_payment, actor=booking.guest, booking_id=booking.pk, method="", key=None, now=NOW)
        first = pay(token="tok_action")
        at_once(partial(finish_sandbox_action, first.reference, succeed=True, now=NOW), partial(pay, token=token))
        reconcile_all(NOW)
        booking.refresh_from_db()
        kept = get_balance(booking.pk).kept
        assert (booking.status, booking.payment_status, kept) in [
            ("confirmed", "paid", booking.total),
            ("confirmed", "due", 0),
        ]
        assert booking.pay_by
        taken = SandboxCharge.objects.filter(key__in=booking.payments.values_list("key", flat=True))
        assert kept == sum(charge.amount - charge.refunded for charge in taken if charge.status == "succeeded")


@pytest.mark.django_db
def test_another_card_while_the_carried_time_lasts(at, sign_in):
    """The action page was left at minute 14 of an instant hold: at minute 20 another card pays, or the guest cancels."""
    at(NOW)
    booking = make_hold(make_property(), make_user(), NOW + timedelta(minutes=15), instant=True)
    client, path = sign_in(booking.guest), f"/api/booking/{booking.pk}/payment/"
    at(NOW + timedelta(minutes=14))
    assert client.post(path, {"token": "tok_action"}).status_code == 201
    at(NOW + timedelta(minutes=20))
    shown = client.get(f"/api/reservation/{booking.pk}/").json()
    assert (shown["status"], shown["payment_status"]) == ("pending", "processing")
    assert client.post(path, {"token": "tok_action"}).status_code == 201
    at(NOW + timedelta(minutes=30))
    answer = client.post(path, {"token": "tok_ok"})
    assert (answer.status_code, answer.json()["status"]) == (201, "succeeded")
    booking.refresh_from_db()
    assert (booking.status, booking.payment_status) == ("confirmed", "paid")
    assert sorted(SandboxCharge.objects.values_list("status", flat=True)) == ["succeeded", "void", "void"]


@pytest.mark.django_db
def test_further_tries_do_not_carry_the_time_further(at, sign_in):
    at(NOW)
    booking = make_hold(make_property(), make_user(), NOW + timedelta(minutes=15), instant=True)
    client, path = sign_in(booking.guest), f"/api/booking/{booking.pk}/payment/"
    for minute in (14, 30, 43):
        at(NOW + timedelta(minutes=minute))
        assert client.post(path, {"token": "tok_action"}).status_code == 201
    at(NOW + timedelta(minutes=44))
    answer = client.post(path, {"token": "tok_ok"})
    assert (answer.status_code, answer.json()["params"]["status"]) == (409, "expired")


@pytest.mark.django_db
@pytest.mark.parametrize("side", ["guest", "host"])
def test_a_person_cancels_an_agreed_stay_in_the_carried_time(at, sign_in, side):
    at(NOW)
    booking = make_booking(make_property(), make_user())
    at(NOW + timedelta(hours=23, minutes=59))
    client = sign_in(booking.guest)
    client.post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_action"})
    at(NOW + timedelta(hours=24, minutes=10))
    answer = sign_in(getattr(booking, side)).put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
    assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (200, "cancelled", "due")
    assert SandboxCharge.objects.get().status == "void"
    booking.refresh_from_db()
    assert (booking.ended_by, booking.unpaid) == (side, False)


@pytest.mark.django_db
def test_the_bookings_page_leads_back_to_the_bank_while_it_waits(at, sign_in):
    at(NOW)
    booking = make_hold(make_property(), make_user(), NOW + timedelta(minutes=15), instant=True)
    page, path = f"/bookings/{booking.pk}/", f"/api/booking/{booking.pk}/payment/"
    guest = browser_of(booking.guest)
    assert "Go on at the bank" not in guest.get(page).content.decode()
    url = sign_in(booking.guest).post(path, {"token": "tok_action"}).json()["action_url"]
    shown = guest.get(page).content.decode()
    assert f'href="{urlsplit(url).path}">' in shown
    assert "Go on at the bank" in shown
    assert "Pay with another card" in shown
    assert "Go on at the bank" not in browser_of(booking.host).get(page).content.decode()
    assert guest.get(urlsplit(url).path).status_code == 200
    sign_in(booking.guest).post(path, {"token": "tok_ok"})
    assert "Go on at the bank" not in guest.get(page).content.decode()
