"""Refunds at the gateway compared with the books."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from bookings.gateways.base import NoSuchList
from bookings.gateways.stripe import StripeGateway
from bookings.models import Booking, Discrepancy, LedgerLine, Payment, Refund
from core import clock
from tests.bookings.gateway_refunds import by_hand, cancel, state_of
from tests.bookings.stripe_events import dispute_body, event_of, send
from tests.factories.accounts import sign_in
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


class TestReconcile:
    def run(self, capsys):
        with pytest.raises(SystemExit) as left:
            call_command("reconcile")
        assert left.value.code == 1
        return [line for line in capsys.readouterr().out.splitlines() if line.startswith("open: ")]

    @pytest.fixture(autouse=True)
    def today(self, at):
        """The gateway's own clock is the world's."""
        at(clock.now())

    def test_it_mends_what_never_came(self, capsys, stripe, paid):
        by_hand(stripe, paid, 500)
        stripe("POST", "_config/disputes", payment_intent=paid.reference, amount=100, status="lost")
        call_command("reconcile")
        assert "mended: 2" in capsys.readouterr().out
        assert state_of(paid) == ("confirmed", "partly_refunded", paid.amount - 501)
        call_command("reconcile")
        assert "mended: 0" in capsys.readouterr().out

    def test_a_payment_that_failed_here_and_was_taken_there(self, capsys, stripe, paid):
        LedgerLine.objects.all().delete()
        Payment.objects.update(status="failed")
        Booking.objects.update(payment_status="due")
        call_command("reconcile")
        assert "mended: 1" in capsys.readouterr().out
        assert state_of(paid) == ("confirmed", "paid", paid.amount)

    def test_what_differs_is_kept_until_it_is_gone(self, capsys, client, staff, stripe, paid):
        Payment.objects.update(amount=paid.amount + 1)
        [line] = self.run(capsys)
        assert f"payment {paid.pk} ({paid.reference})" in line
        assert str(paid.amount) in line
        sign_in(client, staff)
        assert paid.reference in client.get("/admin/bookings/discrepancy/").content.decode()
        Payment.objects.update(amount=paid.amount)
        call_command("reconcile")
        assert Discrepancy.objects.get().closed_at is not None

    def test_money_that_our_books_never_heard_of(self, capsys, stripe, paid):
        LedgerLine.objects.all().delete()
        Payment.objects.all().delete()
        other = make_booking(make_property(), make_user())
        Payment.objects.create(
            booking=other, gateway="stripe", amount=1, currency="BDT", key="00000000-0000-4000-8000-000000000000",
            created_at=clock.now(), status="failed",
        )  # fmt: skip
        assert any(f"charge {paid.reference}" in line for line in self.run(capsys))

    def test_a_refund_of_ours_that_the_gateway_does_not_know(self, capsys, stripe, paid):
        Refund.objects.create(
            payment=paid, booking=paid.booking, amount=10, status="succeeded", reference="re_gone", reason="by_staff",
            key="00000000-0000-4000-8000-000000000001", created_at=NOW, settled_at=clock.now() - timedelta(hours=1),
        )  # fmt: skip
        assert "re_gone" in self.run(capsys)[0]

    def test_a_refund_that_is_owed_keeps_it_open(self, api, capsys, sign_in, stripe, paid):
        stripe("POST", "_config/refusals", message="Not now.")
        cancel(sign_in, paid)
        [line] = self.run(capsys)
        assert f"{paid.amount} BDT owed" in line
        assert "hub_refunds_owed 1.0" in api.get("/metrics").content.decode()
        stripe("POST", "_config/refusals")
        call_command("reconcile")
        assert "hub_refunds_owed 0.0" in api.get("/metrics").content.decode()

    def test_a_stand_in_that_keeps_no_disputes_is_compared_by_the_rest(self, api, capsys, stripe, paid, monkeypatch):
        send(api, event_of("charge.dispute.created", dispute_body(paid, Decimal(5))))
        assert "du_1" in self.run(capsys)[0]

        def none_kept(self, moment):
            raise NoSuchList("/v1/disputes")

        monkeypatch.setattr(StripeGateway, "disputes_since", none_kept)
        call_command("reconcile")
        assert "1 payments" in capsys.readouterr().out

    def test_a_gateway_that_does_not_answer_keeps_it_open(self, capsys, settings, stripe, paid):
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        assert "did not answer" in self.run(capsys)[0]
