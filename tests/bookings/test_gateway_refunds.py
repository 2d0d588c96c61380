"""Money that moves at the gateway without this hub reaches its books, told twice, late and in disorder."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import Notification
from bookings.gateways.stripe import StripeGateway
from bookings.models import Booking, LedgerLine, Payment, Refund
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from bookings.services.gateway_refunds import record_gateway_refund
from bookings.services.paying import start_payment
from bookings.services.reconciling import reconcile_all, reconcile_refunds
from bookings.services.status_changes import change_status
from tests.bookings.gateway_refunds import by_hand, cancel, kinds_of, state_of
from tests.bookings.stripe_events import charge_body, dispute_body, event_of, refund_body, send
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user
from tests.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


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
