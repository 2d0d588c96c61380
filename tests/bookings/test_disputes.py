"""Disputes that the gateway tells of, and what they hold back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings.models import LedgerLine, Refund
from bookings.services.reconciling import reconcile_all
from tests.bookings.gateway_refunds import cancel, kinds_of, state_of
from tests.bookings.stripe_events import dispute_body, event_of, send
from tests.factories.accounts import sign_in
from tests.factories.bookings import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


class TestDisputes:
    def told(self, api, paid, status, kind="updated", created=None, amount=None):
        body = dispute_body(paid, amount or paid.amount, status)
        more = {"created": created} if created else {}
        return send(api, event_of(f"charge.dispute.{kind}", body, **more))

    def test_while_it_is_open_nothing_goes_and_won_what_was_earned_follows(self, api, sign_in, stripe, paid, staff):
        made = stripe(
            "POST", "_config/disputes", payment_intent=paid.reference, amount=int(paid.amount * 100)
        )  # fmt: skip
        for kind in ("created", "funds_withdrawn"):
            self.told(api, paid, "needs_response", kind)
        assert state_of(paid) == ("confirmed", "paid", paid.amount)
        assert kinds_of(paid.booking.host).count("booking.disputed") == kinds_of(staff).count("booking.disputed") == 1
        cancel(sign_in, paid)
        reconcile_all(NOW + timedelta(hours=1))
        assert state_of(paid) == ("cancelled", "paid", paid.amount)
        assert Refund.objects.get().tries == 0
        stripe("POST", "_config/disputes", id=made["id"], status="won")
        self.told(api, paid, "won", "closed")
        assert state_of(paid) == ("cancelled", "refunded", 0)
        assert [line.dispute for line in LedgerLine.objects.all()] == [None, None]

    def test_lost_the_bank_took_it_and_nothing_goes_back_twice(self, api, sign_in, paid):
        self.told(api, paid, "needs_response", "created")
        cancel(sign_in, paid)
        for kind in ("closed", "updated"):
            self.told(api, paid, "lost", kind)
        # What was said before that comes late.
        self.told(api, paid, "needs_response", "created")
        reconcile_all(NOW + timedelta(hours=1))
        assert state_of(paid) == ("cancelled", "refunded", 0)
        assert Refund.objects.get().status == "covered"
        assert [line.amount for line in LedgerLine.objects.all()] == [paid.amount, -paid.amount]

    def test_a_part_that_is_lost_counts_towards_a_later_cancellation(self, api, sign_in, paid):
        self.told(api, paid, "needs_response", "created", amount=Decimal(700))
        self.told(api, paid, "lost", "closed", amount=Decimal(700))
        assert state_of(paid) == ("confirmed", "partly_refunded", paid.amount - 700)
        cancel(sign_in, paid)
        assert state_of(paid) == ("cancelled", "refunded", 0)
        assert Refund.objects.get().amount == paid.amount - 700

    def test_an_appeal_may_turn_it(self, api, paid):
        self.told(api, paid, "needs_response", "created", created=100)
        self.told(api, paid, "lost", "closed", created=200)
        self.told(api, paid, "won", "updated", created=300)
        assert state_of(paid) == ("confirmed", "paid", paid.amount)
        self.told(api, paid, "lost", "closed", created=200)
        assert state_of(paid) == ("confirmed", "paid", paid.amount)

    def test_closed_before_it_was_created(self, api, paid):
        self.told(api, paid, "won", "closed")
        self.told(api, paid, "needs_response", "created")
        assert state_of(paid) == ("confirmed", "paid", paid.amount)
        assert paid.disputes.get().status == "won"

    def test_staff_can_give_nothing_of_it_back_by_hand(self, api, paid, staff, client):
        self.told(api, paid, "needs_response", "created")
        sign_in(client, staff)
        answer = client.post(f"/admin/bookings/booking/{paid.booking_id}/refund/", {"amount": "10.00"})
        assert (answer.status_code, Refund.objects.count()) == (200, 0)
