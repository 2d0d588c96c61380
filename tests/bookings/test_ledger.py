"""Paid − refunded = kept, after every sequence of moves, in our books and in the gateway's."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import TestCase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.gateways.sandbox import finish_action
from bookings.models import Booking, Payment, Refund, SandboxCharge
from bookings.rules.ledger import Balance
from bookings.selectors.refunds import get_balance, get_money
from bookings.services import jobs
from bookings.services.locking import lock_booking
from bookings.services.paying import start_payment
from bookings.services.reconciling import reconcile_all
from bookings.services.refunding import refund_booking
from bookings.services.settling import record_charge
from bookings.services.status_changes import change_status
from core.errors import DomainError
from tests.factories.bookings import NOW, make_booking, make_hold
from tests.factories.properties import make_property, make_user

amounts = st.decimals(Decimal("-9999.99"), Decimal("9999.99"), places=2).filter(bool)


@given(st.lists(amounts), amounts)
def test_balances_add_up(lines, total):
    found = sum((Balance(max(n, Decimal(0)), max(-n, Decimal(0))) for n in lines), Balance())
    assert found.kept == sum(lines, Decimal(0)) == found.paid - found.returned
    assert (found.status_of(total) == "due") == (found.paid == 0)


TOKENS = ("tok_ok", "tok_declined", "tok_action", "tok_timeout")
moves = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(TOKENS)),
    st.tuples(st.just("finish"), st.booleans()),
    st.tuples(st.just("cancel"), st.sampled_from(["guest", "host"])),
    st.tuples(st.just("goodwill"), st.decimals(Decimal("0.01"), Decimal("3500"), places=2)),
    st.tuples(st.just("wait"), st.integers(1, 40 * 24 * 60)),
    st.tuples(st.just("clock"), st.none()),
    st.tuples(st.just("reconcile"), st.none()),
)


class Story:
    """One booking and what is done with it."""

    def __init__(self, instant, policy):
        home, guest = make_property(), make_user()
        self.now = NOW
        if instant:
            self.booking = make_hold(home, guest, NOW + timedelta(minutes=15), instant=True)
        else:
            self.booking = make_booking(home, guest, cancellation_policy=policy)

    def do(self, move, value):
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                getattr(self, move)(value)
        except DomainError:
            pass  # a refusal moves nothing; what counts is checked after every move

    def pay(self, token):
        start_payment(
            actor=self.booking.guest, booking_id=self.booking.pk, method="", token=token, key=None, now=self.now
        )

    def finish(self, succeed):
        for payment in Payment.objects.filter(booking=self.booking).exclude(reference=""):
            record_charge(payment.pk, finish_action(payment.reference, succeed=succeed), now=self.now)

    def cancel(self, side):
        actor = self.booking.guest if side == "guest" else self.booking.host
        change_status(actor=actor, booking_id=self.booking.pk, status="cancelled", now=self.now)

    def goodwill(self, amount):
        refund_booking(lock_booking(self.booking.pk), amount=amount, reason="goodwill", now=self.now)

    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    def clock(self, _):
        for job in (jobs.expire_holds, jobs.cancel_unpaid, jobs.complete_stays):
            job(self.now)

    def reconcile(self, _):
        reconcile_all(self.now)

    def check(self):
        booking = Booking.objects.get(pk=self.booking.pk)
        found = get_balance(booking.pk)
        payments = list(Payment.objects.filter(booking=booking))
        charges = SandboxCharge.objects.filter(key__in=[p.key for p in payments])
        known = [c for c in charges if c.key in {p.key for p in payments if p.status == "succeeded"}]
        assert found.paid == sum(c.amount for c in known)
        assert found.returned == sum(c.refunded for c in known)
        assert 0 <= found.kept <= booking.total
        refunds = Refund.objects.filter(booking=booking, status="succeeded")
        assert found.returned == sum(r.amount for r in refunds)
        return booking, found


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.booleans(), st.sampled_from(["flexible", "moderate", "firm"]), st.lists(moves, max_size=12))
def test_every_sequence_of_moves_adds_up(instant, policy, steps):
    story = Story(instant, policy)
    for move, value in steps:
        story.do(move, value)
        story.check()
    story.wait(24 * 60)
    story.do("reconcile", None)
    story.do("clock", None)
    booking, found = story.check()
    assert not Payment.objects.filter(booking=booking, status__in=Payment.RUNNING).exists()
    held = SandboxCharge.objects.filter(status="succeeded")
    assert found.kept == sum(
        c.amount - c.refunded for c in held if c.key in set(booking.payments.values_list("key", flat=True))
    )
    if booking.status in ("expired", "rejected"):
        assert found.kept == 0
    assert booking.payment_status == get_money(booking.pk).payment_status(booking.status, booking.total)
