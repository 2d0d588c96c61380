"""What may happen to a proposed change and when, which nights it adds, and what a changed stay costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bookings.rules.changes import (
    ChangeState,
    added_nights,
    answer_until,
    change_status_at,
    changed_stay_price,
    check_changeable,
    decide_change,
)
from core.errors import DomainError
from tests.factories.bookings import day


@pytest.fixture(autouse=True)
def _cheap_cleaning(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"


@pytest.mark.parametrize(
    ("new", "added"),
    [
        ((0, 3), []), ((0, 2), []), ((1, 3), []), ((0, 4), [(3, 4)]), ((-1, 4), [(-1, 0), (3, 4)]), ((5, 8), [(5, 8)]),
        ((-3, -1), [(-3, -1)]), ((3, 5), [(3, 5)]), ((2, 5), [(3, 5)]),
    ],
)  # fmt: skip
def test_the_nights_that_are_added(new: tuple[int, int], added: list[tuple[int, int]]) -> None:
    found = added_nights((day(0), day(3)), (day(new[0]), day(new[1])))
    assert found == [(day(a), day(b)) for a, b in added]


@pytest.mark.parametrize(
    ("listed", "agreed", "agreed_of", "price"),
    [
        ("4000", "2500", "3000", "3333.33"),
        ("4000", "3000", "3000", "4000"),
        ("4000", "0", "0", "4000"),
        ("10", "1", "3", "3.33"),
        # Agreed above today's list of those nights: no more than the list is asked.
        ("4000", "3001", "3000", "4000"),
        ("4000", "-1", "0", "4000"),
    ],
)
def test_what_was_haggled_off_stays_off(listed: str, agreed: str, agreed_of: str, price: str) -> None:
    found = changed_stay_price(Decimal(listed), agreed=Decimal(agreed), agreed_of=Decimal(agreed_of))
    assert found == Decimal(price)


def test_a_changed_price_is_one_that_the_currency_has() -> None:
    price = changed_stay_price(Decimal(4000), agreed=Decimal(2500), agreed_of=Decimal(3000), unit=Decimal(1))
    assert str(price.normalize()) == "3333"


NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def change(status: str = "proposed", **facts: Any) -> ChangeState:
    plain = {"by": "guest", "expires_at": NOW + DAY, "pay_by": None, "processing_since": None}
    return ChangeState(status=status, **plain | facts)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (change(expires_at=NOW + SECOND), "proposed"),
        (change(expires_at=NOW), "expired"),
        (change(expires_at=NOW + SECOND, pay_by=NOW - DAY), "proposed"),
        (change("accepted", expires_at=NOW - DAY), "accepted"),
        (change("accepted", pay_by=NOW + SECOND), "accepted"),
        (change("accepted", pay_by=NOW), "expired"),
        (change("accepted", pay_by=NOW, processing_since=NOW - 29 * MINUTE), "accepted"),
        (change("accepted", pay_by=NOW, processing_since=NOW - 30 * MINUTE), "expired"),
        *((change(over, expires_at=NOW - DAY, pay_by=NOW - DAY), over) for over in ("done", "declined", "cancelled")),
    ],
)
def test_what_has_run_out_of_time_is_over(state: ChangeState, status: str) -> None:
    assert change_status_at(state, NOW) == status


def refusal(call: Any, *args: Any, **facts: Any) -> tuple[str, dict[str, Any]] | None:
    try:
        call(*args, **facts)
    except DomainError as error:
        refused = error
    else:
        return None
    assert refused.message != refused.code
    assert "None" not in refused.message
    return refused.code, refused.params


@pytest.mark.parametrize("by", ["guest", "host"])
@pytest.mark.parametrize("side", ["guest", "host"])
@pytest.mark.parametrize("move", ["accept", "decline", "withdraw"])
def test_the_other_side_answers_and_its_own_withdraws(by: str, side: str, move: str) -> None:
    allowed = (side == by) == (move == "withdraw")
    assert refusal(decide_change, change(by=by), move, side, NOW) == (None if allowed else ("not_allowed", {}))
    for state, is_now in ((change("accepted", by=by), "accepted"), (change(by=by, expires_at=NOW), "expired")):
        wrong = ("booking.wrong_state", {"change_status": is_now}) if allowed else ("not_allowed", {})
        assert refusal(decide_change, state, move, side, NOW) == wrong
        if allowed:
            with pytest.raises(DomainError, match=f" {is_now};"):
                decide_change(state, move, side, NOW)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, None),
        ({"payment_status": "due"}, None),
        ({"payment_status": "on_arrival"}, None),
        ({"check_in_at": NOW + SECOND}, None),
        ({"check_in_at": NOW}, "not begun"),
        ({"status": "pending"}, "not begun"),
        ({"payment_status": "processing"}, "under way"),
        ({"payment_status": "refunded"}, "went back"),
        ({"payment_status": "partly_refunded"}, "went back"),
        ({"is_disputed": True}, "went back"),
        ({"status": "cancelled", "payment_status": "processing"}, "not begun"),
    ],
)
def test_which_stay_can_be_changed(facts: dict[str, Any], said: str | None) -> None:
    plain = {"status": "confirmed", "payment_status": "paid", "check_in_at": NOW + DAY, "is_disputed": False}
    given = plain | facts
    shown = {"status": given["status"], "payment_status": given["payment_status"]}
    assert refusal(check_changeable, **given, now=NOW) == (said and ("booking.wrong_state", shown))
    if said:
        with pytest.raises(DomainError, match=said):
            check_changeable(**given, now=NOW)


@pytest.mark.parametrize(
    ("check_ins", "left"), [([2 * DAY, 3 * DAY], DAY), ([2 * DAY, MINUTE], MINUTE), ([MINUTE, 2 * DAY], MINUTE)]
)
def test_a_change_is_answered_within_a_day_and_before_either_check_in(
    check_ins: list[timedelta], left: timedelta
) -> None:
    assert answer_until(NOW, *(NOW + ahead for ahead in check_ins)) == NOW + left
