"""Sealed limits as a table: state × seal × side × bounds, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from negotiation.rules import limits, transitions
from negotiation.rules.negotiation_state import OTHER, SIDES, Haggle, Sealed, StandingOffer

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
END = NOW + timedelta(days=30)


def haggle(**more):
    """Open, list 1000; nothing said."""
    plain = Haggle(
        status="open", turn=None, list_amount=D("1000.00"), standing=None, last_bid=None, last_ask=None,
        guest_offers_left=3, host_offers_left=3, expires_at=END, latest_offer_at=END, check_out_at=END,
    )  # fmt: skip
    return replace(plain, **more)


def sealed(amount, hours=24):
    return Sealed(D(amount), NOW + timedelta(hours=hours))


def code_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except DomainError as error:
        return error.code
    return "ok"


# (state, side) → (least that may be sealed, most that may be sealed)
BOUNDS = [
    ({}, "guest", "0.01", "999.99"),
    ({}, "host", "0.01", "1000.00"),
    ({"last_bid": D(600)}, "guest", "600.00", "999.99"),
    ({"last_bid": D(600)}, "host", "600.01", "1000.00"),
    ({"last_ask": D(900)}, "guest", "0.01", "899.99"),
    ({"last_ask": D(900)}, "host", "0.01", "900.00"),
    ({"last_bid": D(600), "last_ask": D(900)}, "guest", "600.00", "899.99"),
    ({"last_bid": D(600), "last_ask": D(900)}, "host", "600.01", "900.00"),
    ({"last_ask": D(1000)}, "guest", "0.01", "999.99"),
]


@pytest.mark.parametrize(("state", "side", "least", "most"), BOUNDS)
def test_what_may_be_sealed(state, side, least, most):
    h = haggle(**state)
    for amount in (least, most):
        limits.check_bounds(h, side, D(amount))
    for amount in (D(least) - D("0.01"), D(most) + D("0.01")):
        with pytest.raises(DomainError) as refused:
            limits.check_bounds(h, side, amount)
        assert refused.value.code == "offer.not_a_concession"
        assert refused.value.params == {
            "above": str(D(least) - D("0.01")), "below": str(D(most) + D("0.01")),
        }  # fmt: skip
        assert all(f" {figure}" in refused.value.message for figure in refused.value.params.values())


STATUSES = {
    "accepted": "negotiation.closed",
    "declined": "negotiation.closed",
    "withdrawn": "negotiation.closed",
    "superseded": "negotiation.closed",
    "closed": "negotiation.closed",
    "expired": "offer.expired",
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("status", "code"), STATUSES.items())
def test_in_an_ended_negotiation_nothing_is_sealed_or_taken_back(side, status, code):
    h = haggle(status=status, expires_at=NOW)
    assert code_of(limits.check_sealable, h, side) == code
    assert code_of(limits.unseal, h, side) == code


# own seal, other's seal, seals so far, compared → sealing, unsealing, what both are told
SEALS = [
    (False, False, 0, False, "ok", "limit.spent", "none"),
    (False, True, 0, False, "ok", "limit.spent", "none"),
    (False, False, 2, False, "ok", "limit.spent", "none"),
    (False, False, 3, False, "offer.limit_reached", "limit.spent", "none"),
    (True, False, 1, False, "limit.already_sealed", "ok", "sealed"),
    (True, False, 3, False, "limit.already_sealed", "ok", "sealed"),
    (False, False, 1, True, "limit.spent", "limit.spent", "spent"),
    (False, False, 3, True, "limit.spent", "limit.spent", "spent"),
]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("own", "other", "seals", "compared", "sealing", "unsealing", "told"), SEALS)
def test_who_may_seal_and_take_back(side, own, other, seals, compared, sealing, unsealing, told):
    h = haggle(compared_at=NOW if compared else None, **{f"{side}_seals": seals})
    h = replace(
        h, **{f"{side}_sealed": sealed(500) if own else None, f"{OTHER[side]}_sealed": sealed(500) if other else None}
    )
    assert code_of(limits.check_sealable, h, side) == sealing
    assert code_of(limits.unseal, h, side) == unsealing
    assert limits.word(h, side) == told
    assert limits.other_sealed(h, side) is other


@pytest.mark.parametrize("side", SIDES)
def test_sealing_and_taking_back_move_nothing_else(side):
    standing = StandingOffer(4, "guest", D(600), NOW, END)
    h = haggle(standing=standing, turn="host", last_bid=D(600), guest_offers_left=2)
    after = limits.seal(h, side, sealed(700))
    assert after.sealed(side) == sealed(700)
    assert after.seals(side) == 1
    assert replace(after, guest_sealed=None, host_sealed=None, guest_seals=0, host_seals=0) == h
    assert replace(limits.unseal(after, side), guest_seals=0, host_seals=0) == h


@pytest.mark.parametrize(
    ("guest", "host", "price"),
    [
        ("700.00", "600.00", "650.00"),
        ("650.00", "650.00", "650.00"),
        ("700.01", "700.00", "700.01"),  # half up
        ("700.03", "700.00", "700.02"),
        ("699.99", "700.00", None),
        ("1.00", "900.00", None),
        ("0.01", "0.01", "0.01"),
        ("999999999.99", "0.01", "500000000.00"),
    ],
)
def test_the_meeting(guest, host, price):
    h = haggle(guest_sealed=sealed(guest), host_sealed=sealed(host))
    assert limits.both_sealed(h)
    assert limits.meeting(h) == (None if price is None else D(price))


@pytest.mark.parametrize(
    ("guest", "host", "unit", "price"),
    [("701", "700", "1", "701"), ("703", "700", "1", "702"), ("702", "700", "1", "701"), ("700", "701", "1", None),
     ("700.01", "700.00", "0.01", "700.01")],
)  # fmt: skip
def test_the_meeting_is_a_price_that_the_currency_has(guest, host, unit, price):
    h = haggle(guest_sealed=sealed(guest), host_sealed=sealed(host))
    assert limits.meeting(h, D(unit)) == (None if price is None else D(price))


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_a_price_half_way_lies_between_the_limits(guest, host):
    h = haggle(guest_sealed=sealed(D(guest) / 100), host_sealed=sealed(D(host) / 100))
    price = limits.meeting(h)
    assert (price is None) == (guest < host)
    if price is not None:
        assert D(host) / 100 <= price <= D(guest) / 100
        assert price.as_tuple().exponent == -2


@pytest.mark.parametrize("side", SIDES)
def test_one_limit_alone_is_not_compared(side):
    h = limits.seal(haggle(), side, sealed(500))
    assert not limits.both_sealed(h)
    with pytest.raises(LookupError):
        limits.meeting(h)


def test_once_compared_both_figures_are_gone_and_nothing_else():
    h = haggle(guest_sealed=sealed(500), host_sealed=sealed(900), guest_seals=1, host_seals=2, turn="host")
    after = limits.spend(h, NOW)
    assert (after.guest_sealed, after.host_sealed, after.compared_at) == (None, None, NOW)
    assert replace(after, compared_at=None) == replace(h, guest_sealed=None, host_sealed=None)
    assert (limits.word(after, "guest"), limits.word(after, "host")) == ("spent", "spent")


@pytest.mark.parametrize(
    ("side", "offer", "ends"),
    [("guest", "700.00", False), ("guest", "700.01", True), ("guest", "699.99", False),
     ("host", "700.00", False), ("host", "699.99", True), ("host", "700.01", False)],
)  # fmt: skip
def test_an_open_offer_beyond_the_own_limit_ends_it(side, offer, ends):
    h = limits.seal(haggle(), side, sealed("700.00"))
    assert limits.is_beyond(h, side, D(offer)) is ends
    assert not limits.is_beyond(h, OTHER[side], D(offer))


def test_limits_end_by_their_time_the_earlier_first():
    h = haggle(guest_sealed=sealed(500, hours=2), host_sealed=sealed(900, hours=1))
    assert limits.ended_by_time(h, NOW) == []
    assert limits.ended_by_time(h, NOW + timedelta(hours=1)) == ["host"]
    assert limits.ended_by_time(h, NOW + timedelta(hours=3)) == ["host", "guest"]
    assert limits.ended_by_time(replace(h, expires_at=NOW + timedelta(hours=2)), NOW + timedelta(hours=3)) == ["host"]
    assert limits.ended_by_time(replace(h, status="declined"), NOW + timedelta(hours=3)) == []


def test_a_limit_ends_with_the_check_in_day_like_an_offer():
    assert limits.until(haggle(), 3600, NOW) == NOW + timedelta(hours=1)
    assert limits.until(haggle(latest_offer_at=NOW + timedelta(minutes=5)), 3600, NOW) == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("status", STATUSES)
def test_an_end_erases_both_figures(status):
    h = haggle(guest_sealed=sealed(500), host_sealed=sealed(900))
    ended = transitions.end(h, status)
    assert (ended.guest_sealed, ended.host_sealed) == (None, None)
    assert {limits.word(ended, side) for side in SIDES} == {"none"}


def test_one_comparison_in_seven_days():
    check = limits.check_comparable
    assert code_of(check, compared_at=None, now=NOW) == "ok"
    assert code_of(check, compared_at=NOW - timedelta(days=7), now=NOW) == "ok"
    with pytest.raises(DomainError) as refused:
        check(compared_at=NOW - timedelta(days=6), now=NOW)
    assert (refused.value.code, refused.value.params) == ("offer.limit_reached", {"retry_after": 86400})


def test_who_gave_a_met_stay_back_waits():
    assert code_of(limits.check_regrets, paused_until=None, now=NOW) == "ok"
    assert code_of(limits.check_regrets, paused_until=NOW, now=NOW) == "ok"
    with pytest.raises(DomainError) as refused:
        limits.check_regrets(paused_until=NOW + timedelta(seconds=1.5), now=NOW)
    assert (refused.value.code, refused.value.params) == ("offer.limit_reached", {"retry_after": 2})


@pytest.mark.parametrize(("wait_s", "said"), [(0.001, 1), (1, 1), (1.001, 2), (60, 60)])
def test_a_pause_names_whole_seconds_and_never_too_few(wait_s, said):
    with pytest.raises(DomainError) as refused:
        limits.check_regrets(paused_until=NOW + timedelta(seconds=wait_s), now=NOW)
    assert refused.value.params == {"retry_after": said}


REFUSALS = [
    lambda: limits.check_sealable(haggle(guest_sealed=sealed(500)), "guest"),
    lambda: limits.check_sealable(haggle(guest_seals=3), "guest"),
    lambda: limits.check_sealable(haggle(compared_at=NOW), "guest"),
    lambda: limits.check_comparable(compared_at=NOW, now=NOW),
    lambda: limits.check_regrets(paused_until=END, now=NOW),
]


@pytest.mark.parametrize("refuse", REFUSALS)
def test_a_refusal_is_a_sentence_with_its_figures(refuse):
    with pytest.raises(DomainError) as refused:
        refuse()
    assert refused.value.message != refused.value.code
    assert "None" not in refused.value.message
    assert "%(" not in refused.value.message


def test_the_refusal_of_one_limit_too_many_says_how_many_there_are():
    with pytest.raises(DomainError, match=f" {limits.SEALS_A_SIDE} "):
        limits.check_sealable(haggle(guest_seals=3), "guest")
