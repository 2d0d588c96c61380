from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase

from accounts.models import Notification
from bookings.gateways.sandbox import finish_action
from bookings.models import LedgerLine, Payment, Refund, SandboxCharge
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from bookings.services.locking import lock_booking
from bookings.services.reconciling import reconcile_all, reconcile_payments
from bookings.services.settling import give_up_payment
from core import hooks
from properties.models import CalendarEntry
from tests.factories.bookings import NOW, make_booking, make_hold
from tests.factories.properties import make_property, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]
MINUTE = timedelta(minutes=1)


def pay(client, booking, token="tok_ok", **headers):
    return client.post(f"/api/booking/{booking.pk}/payment/", {"method": "card", "token": token}, headers=headers)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def kinds_of(user):
    return list(Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_paying_an_agreed_stay(sign_in):
    home, guest = make_property(), make_user()
    booking = make_booking(home, guest)
    answer = pay(sign_in(guest), booking)
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert (told["status"], told["amount"], told["currency"]) == ("succeeded", str(booking.total), "BDT")
    booking = fresh(booking)
    assert (booking.status, booking.payment_status, booking.processing_since) == ("confirmed", "paid", None)
    assert LedgerLine.objects.get().amount == booking.total
    assert kinds_of(home.host) == ["booking.paid", "booking.confirmed"]
    assert kinds_of(guest) == ["booking.confirmed"]
    again = pay(sign_in(guest), booking)
    assert (again.status_code, again.json()["code"]) == (409, "payment.already_paid")
    assert SandboxCharge.objects.count() == 1


def test_paying_confirms_an_instant_hold_and_takes_its_nights(sign_in, monkeypatch):
    taken = []
    monkeypatch.setattr(hooks.nights_taken, "functions", [lambda **facts: taken.append(facts)])
    home, guest = make_property(instant_book=True), make_user()
    booking = make_hold(home, guest, NOW + 15 * MINUTE, instant=True)
    assert pay(sign_in(guest), booking).status_code == 201
    booking = fresh(booking)
    assert (booking.status, booking.payment_status, booking.confirmed_at) == ("confirmed", "paid", NOW)
    assert (booking.calendar_entry.kind, booking.calendar_entry.held_until) == ("stay", None)
    assert taken == [
        {
            "property_id": home.pk,
            "guest_id": guest.pk,
            "start_date": booking.start_date,
            "end_date": booking.end_date,
            "now": NOW,
        }
    ]


def test_a_declined_card_leaves_the_booking_due(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    client = sign_in(guest)
    answer = pay(client, booking, "tok_declined")
    assert (answer.status_code, answer.json()["code"]) == (409, "payment.declined")
    assert fresh(booking).payment_status == "due"
    assert kinds_of(guest) == ["payment.failed"]
    assert pay(client, booking).status_code == 201
    listed = client.get(f"/api/booking/{booking.pk}/payment/").json()
    assert [row["status"] for row in listed] == ["succeeded", "failed"]


def test_a_lost_answer_is_settled_within_a_minute(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    client = sign_in(guest)
    answer = pay(client, booking, "tok_timeout")
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert fresh(booking).payment_status == "processing"
    second = pay(client, booking)
    assert (second.status_code, second.json()["code"]) == (409, "booking.wrong_state")
    assert reconcile_payments(NOW) == 0
    assert reconcile_payments(NOW + MINUTE) == 1
    assert fresh(booking).payment_status == "paid"
    mine = client.get(f"/api/booking/{booking.pk}/payment/{answer.json()['payment_id']}/")
    assert mine.json()["status"] == "succeeded"


def test_the_command_settles_without_waiting(sign_in, capsys):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    pay(sign_in(guest), booking, "tok_timeout")
    call_command("reconcile")
    assert capsys.readouterr().out.splitlines() == [
        "payments asked about: 1, refunds: 0",
        "compared with sandbox: 1 payments, 0 refunds, 0 disputes; mended: 0",
    ]
    assert fresh(booking).payment_status == "paid"


def act(api, payment, outcome):
    path = payment["action_url"].removeprefix("http://127.0.0.1:8000")
    assert b"Succeed" in api.get(path).content
    return api.post(path, {"outcome": outcome}, format="multipart")


@pytest.mark.parametrize(("outcome", "status", "payment_status"), [("succeed", 200, "paid"), ("fail", 200, "due")])
def test_an_action_is_succeeded_or_failed_on_its_page(sign_in, api, outcome, status, payment_status):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    answer = pay(sign_in(guest), booking, "tok_action")
    assert (answer.status_code, answer.json()["status"]) == (201, "requires_action")
    assert fresh(booking).payment_status == "processing"
    assert act(api, answer.json(), outcome).status_code == status
    assert fresh(booking).payment_status == payment_status


def test_only_the_guest_is_shown_the_page_and_no_stranger_the_payment(sign_in):
    home, guest = make_property(), make_user()
    booking = make_booking(home, guest)
    payment = pay(sign_in(guest), booking, "tok_action").json()
    path = f"/api/booking/{booking.pk}/payment/{payment['payment_id']}/"
    assert sign_in(home.host).get(path).json()["action_url"] is None
    assert sign_in(make_user()).get(path).status_code == 404
    assert sign_in(make_user()).post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_ok"}).status_code == 404
    assert sign_in(home.host).post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_ok"}).status_code == 403


def test_an_unfinished_action_makes_way_for_another_try_and_is_void(sign_in, api):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    client = sign_in(guest)
    left = pay(client, booking, "tok_action").json()
    assert pay(client, booking).status_code == 201
    assert SandboxCharge.objects.get(status="void").key == Payment.objects.get(pk=left["payment_id"]).key
    act_path = left["action_url"].removeprefix("http://127.0.0.1:8000")
    api.post(act_path, {"outcome": "succeed"}, format="multipart")
    assert get_balance(booking.pk).paid == booking.total
    assert not Payment.objects.filter(check_at__isnull=False).exists()


@pytest.mark.parametrize("tries_again", [True, False])
def test_one_given_up_that_charges_all_the_same_is_not_forgotten(sign_in, tries_again):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    client = sign_in(guest)
    payment = Payment.objects.get(pk=pay(client, booking, "tok_action").json()["payment_id"])
    # What a process leaves that dies between giving up here and voiding there.
    with transaction.atomic():
        give_up_payment(lock_booking(booking.pk), payment, "Given up.", now=NOW)
    finish_action(payment.reference, succeed=True)
    if tries_again:
        answer = pay(client, booking)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment.already_paid")
    reconcile_all(NOW)
    assert (fresh(booking).payment_status, get_balance(booking.pk).kept) == ("paid", booking.total)
    assert not Refund.objects.exists()
    assert not Payment.objects.filter(check_at__isnull=False).exists()


def test_a_running_payment_keeps_the_hold_and_money_too_late_goes_back(sign_in, api, at):
    """The bank's page succeeds in the moment in which the time runs out, before the payment is voided there."""
    home, guest = make_property(), make_user()
    booking = make_hold(home, guest, NOW + 15 * MINUTE, instant=True)
    payment = pay(sign_in(guest), booking, "tok_action").json()
    assert CalendarEntry.objects.get().held_until == NOW + 30 * MINUTE
    assert jobs.expire_holds(NOW + 29 * MINUTE) == 0
    assert jobs.expire_holds(NOW + 30 * MINUTE) == 1
    assert fresh(booking).status == "expired"
    at(NOW + 31 * MINUTE)
    finish_action(Payment.objects.get(pk=payment["payment_id"]).reference, succeed=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        reconcile_all(NOW + 31 * MINUTE)
    booking = fresh(booking)
    assert (booking.status, booking.payment_status) == ("expired", "refunded")
    assert get_balance(booking.pk).paid == booking.total
    assert get_balance(booking.pk).kept == 0
    assert "booking.refunded" in kinds_of(guest)
    assert "booking.refunded" in kinds_of(home.host)


def test_a_failed_payment_gives_the_hold_its_own_end_back(sign_in, api):
    booking = make_hold(make_property(), guest := make_user(), NOW + 15 * MINUTE, instant=True)
    payment = pay(sign_in(guest), booking, "tok_action").json()
    act(api, payment, "fail")
    assert CalendarEntry.objects.get().held_until == NOW + 15 * MINUTE


def test_an_action_nobody_finishes_is_voided_after_half_an_hour(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    pay(sign_in(guest), booking, "tok_action")
    reconcile_all(NOW + 29 * MINUTE)
    assert fresh(booking).payment_status == "processing"
    reconcile_all(NOW + 30 * MINUTE)
    assert (fresh(booking).payment_status, SandboxCharge.objects.get().status) == ("due", "void")


def test_the_same_key_pays_once(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    client = sign_in(guest)
    first = pay(client, booking, **{"Idempotency-Key": "p1"})
    again = pay(client, booking, **{"Idempotency-Key": "p1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = pay(client, booking, "tok_declined", **{"Idempotency-Key": "p1"})
    assert other.json()["code"] == "command.id_reused"
    assert Payment.objects.count() == 1


def test_a_declined_payment_is_repeated_as_declined(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    answers = [pay(sign_in(guest), booking, "tok_declined", **{"Idempotency-Key": "p2"}) for _ in range(2)]
    assert [a.json()["code"] for a in answers] == ["payment.declined"] * 2
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("token", ["", None, "4242424242424242", "tok_free", "x" * 200, ["tok_ok"]])
def test_a_token_that_is_none(sign_in, token):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    answer = sign_in(guest).post(f"/api/booking/{booking.pk}/payment/", {"token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "token" in answer.json()["fields"]
    assert not Payment.objects.exists()


def test_where_nothing_is_to_be_paid(sign_in, settings):
    guest = make_user()
    client = sign_in(guest)
    request = make_hold(make_property(), guest, NOW + 60 * MINUTE)
    assert pay(client, request).json()["code"] == "booking.wrong_state"
    late = make_booking(make_property(), guest, now=NOW - timedelta(days=1))
    answer = pay(client, late)
    assert (answer.json()["code"], answer.json()["params"]["status"]) == ("booking.wrong_state", "cancelled")
    assert fresh(late).unpaid
    settings.PAYMENT_GATEWAY = "none"
    answer = pay(client, make_booking(make_property(), guest))
    assert (answer.status_code, answer.json()["code"]) == (409, "payment.not_offered")


def test_amounts_in_a_body_are_ignored(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    body = {"token": "tok_ok", "amount": "1.00", "currency": "USD", "booking": 5}
    assert sign_in(guest).post(f"/api/booking/{booking.pk}/payment/", body).json()["amount"] == str(booking.total)


def test_another_amount_than_ours_is_never_taken_for_paid(sign_in, caplog):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    pay(sign_in(guest), booking, "tok_timeout")
    SandboxCharge.objects.update(amount=Decimal("1.00"))
    reconcile_all(NOW + MINUTE)
    assert fresh(booking).payment_status == "processing"
    assert "another amount" in caplog.text
