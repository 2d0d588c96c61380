"""Money that moves at the gateway without this hub reaches its books, told twice, late and in disorder."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.management import call_command

from accounts.models import Notification
from bookings.gateways.base import NoSuchList
from bookings.gateways.stripe import StripeGateway
from bookings.models import Booking, Discrepancy, LedgerLine, Payment, Refund
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from bookings.services.gateway_refunds import record_gateway_refund
from bookings.services.paying import start_payment
from bookings.services.reconciling import reconcile_all, reconcile_refunds
from bookings.services.status_changes import change_status
from core import clock
from tests.bookings.stripe_events import charge_body, dispute_body, event_of, refund_body, send
from tests.factories.accounts import sign_in
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user
from tests.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def paid(stripe, sign_in):
    """A stay that was paid at Stripe."""
    booking = make_booking(make_property(), make_user())
    answer = sign_in(booking.guest).post(f"/api/booking/{booking.pk}/payment/", {"token": "pm_card_visa"})
    assert answer.status_code == 201
    return booking.payments.get()


@pytest.fixture
def staff():
    return make_user(is_staff=True, is_superuser=True)


def by_hand(stripe, payment, amount):
    """A refund made in the dashboard; what Stripe answers."""
    return stripe("POST", "refunds", payment_intent=payment.reference, amount=int(amount * 100))


def state_of(payment):
    booking = Booking.objects.get(pk=payment.booking_id)
    return booking.status, booking.payment_status, get_balance(booking.pk).kept


def kinds_of(user):
    return list(Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def cancel(sign_in, payment, side="host"):
    booking = Booking.objects.get(pk=payment.booking_id)
    answer = sign_in(getattr(booking, side)).put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
    assert answer.status_code == 200, answer.json()
    return answer


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "charge.refund.updated"])
def test_a_refund_made_in_the_dashboard_reaches_the_books(api, paid, kind):
    event = event_of(kind, refund_body(paid, Decimal(500)))
    assert [send(api, event).json()["handled"] for _ in range(2)] == [True, False]
    assert state_of(paid) == ("confirmed", "partly_refunded", paid.amount - 500)
    assert kinds_of(paid.booking.guest)[-1] == kinds_of(paid.booking.host)[-1] == "booking.refunded"
    send(api, event_of("refund.updated", refund_body(paid, Decimal(500), id=event["data"]["object"]["id"])))
    assert Refund.objects.get().reason == "gateway"
    assert LedgerLine.objects.count() == 2


def test_charge_refunded_alone_is_enough(api, stripe, paid):
    """An old version of the API writes the refunds into the charge; the present one leaves them to be asked for."""
    made = by_hand(stripe, paid, 300)
    send(api, event_of("charge.refunded", charge_body(paid, Decimal(300))))
    reconcile_all(NOW)
    assert state_of(paid) == ("confirmed", "partly_refunded", paid.amount - 300)
    body = charge_body(paid, Decimal(300), refunds={"object": "list", "data": [refund_body(paid, 300, id=made["id"])]})
    send(api, event_of("charge.refunded", body))
    assert Refund.objects.get().reference == made["id"]
    assert Payment.objects.get().check_at is not None
    reconcile_all(NOW)
    assert Payment.objects.get().check_at is None


def test_half_given_back_there_and_then_a_cancellation_with_a_right_to_all(sign_in, stripe, paid):
    """The hub has not even heard of the half: it asks before it gives back, and the guest gets the rest."""
    by_hand(stripe, paid, 1000)
    cancel(sign_in, paid)
    assert state_of(paid) == ("cancelled", "refunded", 0)
    assert {(r.amount, r.reason, r.status) for r in Refund.objects.all()} == {
        (Decimal(1000), "gateway", "succeeded"),
        (paid.amount - 1000, "cancelled", "succeeded"),
    }
    made = stripe("GET", f"refunds?payment_intent={paid.reference}&limit=100")["data"]
    assert sum(refund["amount"] for refund in made) == paid.amount * 100


def test_a_refund_in_two_parts_and_a_cancellation_between(api, sign_in, stripe, paid):
    first = by_hand(stripe, paid, 400)
    send(api, event_of("refund.created", refund_body(paid, Decimal(400), id=first["id"])))
    second = by_hand(stripe, paid, 600)
    cancel(sign_in, paid)
    send(api, event_of("refund.created", refund_body(paid, Decimal(600), id=second["id"])))
    assert state_of(paid) == ("cancelled", "refunded", 0)
    assert sorted(r.amount for r in Refund.objects.all()) == sorted([Decimal(400), Decimal(600), paid.amount - 1000])


def test_a_whole_one_leaves_the_stay_refunded_without_a_deadline_and_staff_is_asked(api, paid, staff, at):
    send(api, event_of("refund.created", refund_body(paid, paid.amount)))
    assert state_of(paid) == ("confirmed", "refunded", 0)
    told = Notification.objects.get(user=staff)
    assert (told.kind, "Cancel it?" in told.title, told.booking_id) == ("booking.refunded", True, paid.booking_id)
    booking = Booking.objects.get()
    at(booking.check_in_at)
    assert jobs.cancel_unpaid(booking.check_in_at) == 0
    assert Booking.objects.get().status == "confirmed"


def test_what_is_not_ours_is_left_alone(api, paid):
    other = refund_body(paid, Decimal(5)) | {"payment_intent": "pi_other"}
    for kind, body in [
        ("refund.created", other),
        ("charge.refunded", charge_body(paid, 5) | {"payment_intent": None}),
        ("charge.dispute.created", dispute_body(paid, 5) | {"payment_intent": "pi_other"}),
    ]:
        assert send(api, event_of(kind, body)).json() == {"handled": True}
    assert state_of(paid) == ("confirmed", "paid", paid.amount)


def test_an_event_of_another_shape_is_refused_and_may_come_again(api, paid):
    kinds = ("refund.created", "charge.dispute.created", "charge.refunded", "payment_intent.succeeded")
    whole = refund_body(paid, Decimal(5))
    bodies = [{}, {"id": "re_1"}, {"id": "re_1", "object": "refund", "status": None}, [], whole | {"amount": "5"}]
    for kind in kinds:
        for body in bodies:
            event = event_of(kind, body)
            assert send(api, event).status_code in (200, 400)
            assert send(api, event).status_code in (200, 400)
    assert state_of(paid) == ("confirmed", "paid", paid.amount)


def test_a_refund_that_fails_days_later_is_taken_back_and_owed(api, sign_in, stripe, paid, staff, at):
    cancel(sign_in, paid)
    refund = Refund.objects.get()
    at(NOW + timedelta(days=5))
    body = refund_body(paid, paid.amount, "failed", id=refund.reference, failure_reason="lost_or_stolen_card")
    for kind in ("refund.failed", "charge.refund.updated"):
        send(api, event_of(kind, body))
    # What was said before that comes late.
    send(api, event_of("refund.updated", body | {"status": "succeeded"}))
    assert state_of(paid) == ("cancelled", "paid", paid.amount)
    for user in (paid.booking.guest, paid.booking.host, staff):
        assert kinds_of(user).count("booking.refund_failed") == 1
    shown = sign_in(paid.booking.guest).get(f"/api/booking/{paid.booking_id}/refund/").json()
    assert (shown["owed"], shown["already_returned"], shown["amount"]) == (str(paid.amount), "0.00", "0.00")
    stripe("POST", f"_config/refunds/{refund.reference}", status="failed")
    reconcile_all(NOW + timedelta(days=6))
    assert state_of(paid) == ("cancelled", "refunded", 0)
    assert [line.amount for line in LedgerLine.objects.all()] == [paid.amount, -paid.amount, paid.amount, -paid.amount]


def test_a_failure_that_is_told_before_the_refund_itself(api, paid):
    body = refund_body(paid, Decimal(500), "failed", failure_reason="declined")
    send(api, event_of("refund.failed", body))
    send(api, event_of("refund.created", body | {"status": "succeeded"}))
    assert state_of(paid) == ("confirmed", "paid", paid.amount)


def test_a_refused_refund_is_told_once_owed_and_tried_with_growing_pauses(sign_in, stripe, paid, staff, at):
    stripe("POST", "_config/refusals", message="Insufficient funds in your Stripe balance.")
    cancel(sign_in, paid)
    assert state_of(paid) == ("cancelled", "paid", paid.amount)
    pauses, moment = [], NOW
    for tries in range(1, 7):
        refund = Refund.objects.get()
        assert (refund.status, refund.tries, refund.failure) == (
            "pending", tries, "Insufficient funds in your Stripe balance.",
        )  # fmt: skip
        pauses.append(refund.check_at - moment)
        moment = refund.check_at
        at(moment)
        if tries == 6:
            stripe("POST", "_config/refusals")
        assert reconcile_refunds(moment - timedelta(seconds=1)) == 0
        assert reconcile_refunds(moment) == 1
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-2:]) == (timedelta(minutes=1), [timedelta(days=1)] * 2)
    assert state_of(paid) == ("cancelled", "refunded", 0)
    for user in (paid.booking.guest, paid.booking.host, staff):
        assert kinds_of(user).count("booking.refund_failed") == 1


def test_what_is_owed_and_then_given_back_in_the_dashboard_is_not_given_twice(api, sign_in, stripe, paid):
    stripe("POST", "_config/refusals", message="Not now.")
    cancel(sign_in, paid)
    stripe("POST", "_config/refusals")
    made = by_hand(stripe, paid, paid.amount)
    send(api, event_of("refund.created", refund_body(paid, paid.amount, id=made["id"])))
    reconcile_all(NOW + timedelta(days=1))
    assert state_of(paid) == ("cancelled", "refunded", 0)
    assert sorted((r.reason, r.status) for r in Refund.objects.all()) == [
        ("cancelled", "covered"),
        ("gateway", "succeeded"),
    ]


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


@pytest.mark.django_db(transaction=True)
def test_the_same_refund_told_by_many_at_once_and_a_cancellation(stripe, rounds):
    for _ in range(rounds(2, 10)):
        booking = make_booking(make_property(), make_user())
        pay = {"actor": booking.guest, "booking_id": booking.pk, "method": "", "key": None, "now": NOW}
        payment = start_payment(token="pm_card_visa", **pay)
        made = by_hand(stripe, payment, 1000)
        answer = StripeGateway().refund_status(made["id"])
        told = partial(record_gateway_refund, payment.pk, answer, now=NOW)
        over = partial(change_status, actor=booking.host, booking_id=booking.pk, status="cancelled", now=NOW)
        at_once(told, told, over, told)
        reconcile_all(NOW)
        booking.refresh_from_db()
        assert (booking.status, booking.payment_status, get_balance(booking.pk).kept) == ("cancelled", "refunded", 0)
        assert Refund.objects.filter(booking=booking, reason="gateway").count() == 1
        there = stripe("GET", f"refunds?payment_intent={payment.reference}&limit=100")["data"]
        assert sum(refund["amount"] for refund in there) == payment.amount * 100
