"""The whole table of status × move × side, and its footnotes, against a table written out by hand."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bookings.models import Booking
from bookings.rules.states import (
    MOVES,
    PAYMENT_STATUSES,
    SIDES,
    STATUSES,
    State,
    decide,
    due_move,
    ended_at,
    status_at,
    wrong_state,
)
from core.errors import DomainError

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

ALLOWED = {
    ("pending", "approve", "host"): "confirmed",
    ("pending", "reject", "host"): "rejected",
    ("pending", "cancel", "guest"): "cancelled",
    ("pending", "cancel", "host"): "cancelled",
    ("confirmed", "cancel", "guest"): "cancelled",
    ("confirmed", "cancel", "host"): "cancelled",
    ("confirmed", "pay", "guest"): "confirmed",
}
NEVER = {
    "approve": {"guest", "system"},
    "reject": {"guest", "system"},
    "cancel": {"system"},
    "pay": {"host", "system"},
    "expire": {"guest", "host"},
    "cancel_unpaid": {"guest", "host"},
    "complete": {"guest", "host"},
}


def state(status="pending", payment_status="due", **facts):
    values = {
        "status": status,
        "payment_status": payment_status,
        "instant": False,
        "hold_expires_at": NOW + HOUR if status == "pending" else None,
        "pay_by": NOW + HOUR if status == "confirmed" else None,
        "processing_since": None,
        "check_out_at": NOW + timedelta(days=30),
    }
    return State(**values | facts)


def outcome(state, move, side, now=NOW):
    try:
        return decide(state, move, side, now)
    except DomainError as error:
        refused = error
    assert refused.message != refused.code
    if refused.code == "booking.wrong_state":
        found = {"status": state.status if side == "system" else status_at(state, now)}
        assert refused.params == found | {"payment_status": state.payment_status}
        assert f" {found['status']};" in refused.message
    return refused.code


@pytest.mark.parametrize(("status", "move", "side"), list(product(STATUSES, MOVES, SIDES)))
def test_the_whole_table(status, move, side):
    expected = ALLOWED.get((status, move, side), "booking.wrong_state")
    if side in NEVER[move]:
        expected = "not_allowed"
    assert outcome(state(status), move, side) == expected


def test_the_words_are_the_models():
    assert set(STATUSES) == set(Booking.Status.values)
    assert set(PAYMENT_STATUSES) == set(Booking.PaymentStatus.values)


@pytest.mark.parametrize(
    ("facts", "move", "side", "expected"),
    [
        # Instant book is confirmed by payment alone, a request by the host alone.
        ({"instant": True}, "approve", "host", "booking.wrong_state"),
        ({"instant": True}, "pay", "guest", "confirmed"),
        ({}, "pay", "guest", "booking.wrong_state"),
        # Time does what it does when it is time, and not before.
        ({"hold_expires_at": NOW}, "expire", "system", "expired"),
        ({"hold_expires_at": NOW + MINUTE}, "expire", "system", "booking.wrong_state"),
        ({"status": "confirmed", "pay_by": NOW}, "cancel_unpaid", "system", "cancelled"),
        ({"status": "confirmed", "pay_by": NOW, "payment_status": "paid"}, "cancel_unpaid", "system", "booking.wrong_state"),
        ({"status": "confirmed", "payment_status": "paid", "check_out_at": NOW}, "complete", "system", "completed"),
        ({"status": "confirmed", "payment_status": "on_arrival", "check_out_at": NOW}, "complete", "system", "completed"),
        # What is over is over, swept or not.
        ({"hold_expires_at": NOW}, "approve", "host", "booking.wrong_state"),
        ({"hold_expires_at": NOW}, "cancel", "guest", "booking.wrong_state"),
        ({"status": "confirmed", "pay_by": NOW}, "pay", "guest", "booking.wrong_state"),
        ({"status": "confirmed", "payment_status": "paid", "check_out_at": NOW}, "cancel", "host", "booking.wrong_state"),
        # Money.
        ({"status": "confirmed", "payment_status": "paid"}, "pay", "guest", "payment.already_paid"),
        ({"status": "confirmed", "payment_status": "refunded"}, "pay", "guest", "payment.already_paid"),
        ({"status": "confirmed", "payment_status": "partly_refunded"}, "pay", "guest", "payment.already_paid"),
        ({"status": "cancelled", "payment_status": "refunded"}, "pay", "guest", "booking.wrong_state"),
        ({"status": "completed", "payment_status": "paid"}, "pay", "guest", "payment.already_paid"),
        ({"status": "confirmed", "payment_status": "on_arrival", "pay_by": None}, "pay", "guest", "payment.not_offered"),
        ({"status": "confirmed", "payment_status": "on_arrival", "pay_by": None}, "cancel", "guest", "cancelled"),
    ],
)  # fmt: skip
def test_footnotes(facts, move, side, expected):
    assert outcome(state(**{"status": "pending"} | facts), move, side) == expected


@pytest.mark.parametrize(("status", "move"), [("pending", "expire"), ("confirmed", "cancel_unpaid")])
def test_the_clock_waits_half_an_hour_for_a_payment(status, move):
    due = {"pending": {"hold_expires_at": NOW - MINUTE}, "confirmed": {"pay_by": NOW - MINUTE}}[status]
    runs = state(status, "processing", processing_since=NOW - 29 * MINUTE, **due)
    assert outcome(runs, move, "system") == "booking.wrong_state"
    assert status_at(runs, NOW) == status
    over = state(status, "processing", processing_since=NOW - 30 * MINUTE, **due)
    assert due_move(over, NOW) in ("expire", "cancel_unpaid")


@pytest.mark.parametrize(
    ("status", "move", "side", "expected"),
    [
        ("pending", "cancel", "guest", "cancelled"),
        ("pending", "reject", "host", "rejected"),
        ("pending", "pay", "guest", "confirmed"),
        ("confirmed", "cancel", "guest", "cancelled"),
        ("confirmed", "cancel", "host", "cancelled"),
        ("confirmed", "pay", "guest", "confirmed"),
    ],
)
def test_a_person_need_not_wait_for_a_payment_that_carries_the_time(status, move, side, expected):
    due = {"pending": {"hold_expires_at": NOW - MINUTE}, "confirmed": {"pay_by": NOW - MINUTE}}[status]
    runs = state(status, "processing", processing_since=NOW - 29 * MINUTE, instant=True, **due)
    assert outcome(runs, move, side) == expected


def test_a_stuck_payment_bars_no_cancellation_for_ever():
    stuck = state("confirmed", "processing", processing_since=NOW - 30 * MINUTE)
    assert outcome(stuck, "cancel", "guest") == "cancelled"


def test_without_a_payment_status_none_is_said():
    assert wrong_state("expired").params == {"status": "expired"}


def test_a_hold_that_was_confirmed_ends_no_stay():
    assert status_at(state("confirmed", "paid", hold_expires_at=NOW - HOUR), NOW) == "confirmed"


@pytest.mark.parametrize(
    ("move", "facts", "ended"),
    [
        ("expire", {"hold_expires_at": NOW - HOUR}, NOW - HOUR),
        ("expire", {"hold_expires_at": NOW - HOUR, "processing_since": NOW - HOUR}, NOW - 30 * MINUTE),
        ("cancel_unpaid", {"status": "confirmed", "pay_by": NOW - HOUR}, NOW - HOUR),
        (
            "cancel_unpaid",
            {"status": "confirmed", "pay_by": NOW - HOUR, "processing_since": NOW - HOUR},
            NOW - 30 * MINUTE,
        ),
        ("cancel", {"hold_expires_at": NOW - HOUR, "pay_by": NOW - HOUR}, NOW),
        ("complete", {"status": "confirmed"}, NOW),
        ("cancel_unpaid", {"status": "confirmed", "pay_by": None}, NOW),
    ],
)
def test_what_time_ends_ended_when_the_time_ran_out(move, facts, ended):
    assert ended_at(state(**facts), move, NOW) == ended
