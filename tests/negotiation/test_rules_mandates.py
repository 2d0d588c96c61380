"""What a machine may do under its mandate, by tables: at each limit, a step within and a step beyond; no database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.rules.mandates import MAY, MandateTerms
from core.errors import DomainError
from negotiation.rules import mandates

PLAIN = MandateTerms(
    mandate_id=1, version=1, user_id=9, side="guest", may=frozenset(MAY), currency="BDT",
    expires_at=datetime(2027, 3, 1, tzinfo=UTC),
)  # fmt: skip


def refusal(call: Callable[[], Any]) -> tuple[str, dict[str, Any]] | None:
    """Code and params of what `call` raises, with a sentence that names its limits; None where it raises nothing."""
    try:
        call()
    except DomainError as error:
        refused = error
    else:
        return None
    assert refused.message != refused.code
    named = {"check_in_from": "least", "check_out_by": "most", "currency": "currency"}.get(
        refused.params.get("limit", "")
    )
    assert named is None or f" {refused.params[named]}" in refused.message
    return refused.code, refused.params


def beyond(limit: str, **params: Any) -> tuple[str, dict[str, Any]]:
    return "mandate.exceeded", {"limit": limit, **params}


OPEN, MADE = "negotiation.open", "offer.make"


@pytest.mark.parametrize(
    ("kind", "carried", "needed"),
    [
        (OPEN, {}, []),
        (OPEN, {"amount": True}, ["offer"]),
        (OPEN, {"limit": True}, ["seal"]),
        (OPEN, {"message": True}, ["message"]),
        (OPEN, {"amount": True, "limit": True, "message": True}, ["offer", "seal", "message"]),
        (MADE, {"amount": True}, ["offer"]),
        (MADE, {"amount": True, "message": True}, ["offer", "message"]),
        (MADE, {"limit": True}, ["offer"]),
        ("limit.seal", {"amount": True, "limit": True}, ["seal"]),
        ("message.send", {"message": True}, ["message"]),
        ("offer.accept", {}, ["accept"]),
    ],
)
def test_a_move_needs_what_it_is_and_what_it_carries(kind: str, carried: dict[str, bool], needed: list[str]) -> None:
    assert mandates.needs(kind, **carried) == needed
    # The table that every later move is judged by stays as it is.
    assert mandates.needs(kind) == list(mandates.NEEDS[kind])


def test_a_home_for_people_only_is_no_machines() -> None:
    assert refusal(lambda: mandates.check_people_only(False)) is None
    assert refusal(lambda: mandates.check_people_only(True)) == ("not_allowed", {})


FIRST, LAST = date(2027, 2, 10), date(2027, 2, 20)


@pytest.mark.parametrize(
    ("limits", "stay", "refused"),
    [
        ({}, (5, FIRST, LAST), None),
        ({"property_ids": frozenset({5, 6})}, (5, FIRST, LAST), None),
        ({"property_ids": frozenset({6})}, (5, FIRST, LAST), beyond("properties")),
        ({"property_ids": frozenset()}, (5, FIRST, LAST), beyond("properties")),
        ({"check_in_from": FIRST}, (5, FIRST, LAST), None),
        ({"check_in_from": FIRST}, (5, date(2027, 2, 9), LAST), beyond("check_in_from", least="2027-02-10")),
        ({"check_out_by": LAST}, (5, FIRST, LAST), None),
        ({"check_out_by": LAST}, (5, FIRST, date(2027, 2, 21)), beyond("check_out_by", most="2027-02-20")),
    ],
)
def test_homes_and_dates(limits: dict[str, Any], stay: tuple[int, date, date], refused: Any) -> None:
    home, start, end = stay
    mandate = replace(PLAIN, **limits)
    found = refusal(lambda: mandates.check_stay(mandate, property_id=home, start_date=start, end_date=end))
    assert found == refused


@pytest.mark.parametrize(
    ("percent", "amount", "currency", "refused"),
    [
        (None, "0.01", "BDT", None),
        (None, "0.01", "EUR", beyond("currency", currency="BDT")),
        ("80", "2400.00", "BDT", None),
        ("80", "2399.99", "BDT", beyond("min_percent", least="80.00")),
        ("80", "2400.01", "BDT", None),
        ("80", "2399.99", "EUR", beyond("currency", currency="BDT")),
        ("33.33", "999.90", "BDT", None),
        ("33.33", "999.89", "BDT", beyond("min_percent", least="33.33")),
    ],
)
def test_how_far_down_a_hosts_machine_goes(percent: str | None, amount: str, currency: str, refused: Any) -> None:
    mandate = replace(PLAIN, side="host", min_percent=None if percent is None else D(percent))
    found = refusal(
        lambda: mandates.check_price(mandate, amount=D(amount), list_amount=D("3000.00"), currency=currency)
    )
    assert found == refused


def test_the_refusal_of_a_low_price_says_how_low_it_may_be() -> None:
    mandate = replace(PLAIN, side="host", min_percent=D("82.50"))
    with pytest.raises(DomainError, match=r" 82\.50 %"):
        mandates.check_price(mandate, amount=D(1), list_amount=D(100), currency="BDT")


@pytest.mark.parametrize(
    ("most", "elsewhere", "total", "left"),
    [
        (None, "9999", "9999", None),
        ("1000", "0", "1000.00", None),
        ("1000", "0", "1000.01", "1000.00"),
        ("1000", "600.00", "400.00", None),
        ("1000", "600.00", "400.01", "400.00"),
        ("1000", "1200.00", "0.01", "0.00"),
    ],
)
def test_all_stakes_together_stay_within_the_sum(
    most: str | None, elsewhere: str, total: str, left: str | None
) -> None:
    mandate = replace(PLAIN, max_total=None if most is None else D(most))
    found = refusal(lambda: mandates.check_total(mandate, elsewhere=D(elsewhere), total=D(total)))
    assert found == (None if left is None else beyond("max_total", most="1000.00", left=left))


@pytest.mark.parametrize(
    ("most", "open_now", "refused"),
    [(None, 99, False), (3, 2, False), (3, 3, True), (3, 4, True), (0, 0, True)],
)
def test_how_many_rooms_a_machine_has_open(most: int | None, open_now: int, refused: bool) -> None:
    found = refusal(lambda: mandates.check_openings(replace(PLAIN, max_open=most), open_now))
    assert found == (beyond("max_open", most=str(most)) if refused else None)


def test_of_a_bid_and_a_limit_in_one_negotiation_the_larger_counts() -> None:
    stakes = {1: {"bid": D(300), "seal": D(500)}, 2: {"bid": D(70)}, 3: {}}
    assert mandates.total_of(stakes, without=9) == D(570)
    assert mandates.total_of(stakes, without=1) == D(70)
    assert str(mandates.total_of({}, without=1)) == str(mandates.total_of({1: {}}, without=1)) == "0.00"
