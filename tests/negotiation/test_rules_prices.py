"""Laws of prices, for any amounts: concessions, limits, the automatic lines, what an offer comes to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.money import CENT, ZERO
from negotiation.rules import automatic, opening, transitions
from negotiation.rules.automatic import AutoRules
from negotiation.rules.negotiation_state import OTHER, Haggle, Side
from negotiation.rules.terms import Terms
from properties.rules.menu import PricedMeal
from tests.negotiation.rules import make_offer

NOW = datetime(2027, 2, 20, 12, tzinfo=UTC)
AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999999.99"), places=2)
PERCENTS = st.decimals(Decimal("0.01"), Decimal(100), places=2)
CHANCES = st.floats(0, 1, exclude_max=True)
TERMS = Terms(
    title="Lake House", guest_name="Rahim", host_name="Salma", nights=3, base=Decimal("3000.00"), list_quote={},
    meals_amount=ZERO, cleaning=ZERO, fee_percent=Decimal(5), tax_percent=Decimal(10),
    meals=(PricedMeal(7, "lunch", "Biryani", Decimal("120.50"), 2, date(2027, 3, 2)),), policy="moderate",
    offers_per_side=5, slack=Decimal("2.50"), check_in_at=datetime(2027, 3, 1, 8, tzinfo=UTC),
    check_out_at=datetime(2027, 3, 4, 5, tzinfo=UTC), latest_offer_at=datetime(2027, 3, 1, 14, tzinfo=UTC),
)  # fmt: skip


def test_terms_come_back_from_json_as_they_were() -> None:
    body = TERMS.to_json()
    assert Terms.from_json(orjson.loads(orjson.dumps(body))) == TERMS
    assert (body["base"], body["slack"], body["latest_offer_at"]) == ("3000.00", "2.50", "2027-03-01T14:00:00.000Z")
    assert body["meals"][0] == {
        "id": 7, "kind": "lunch", "name": "Biryani", "price": "120.50", "quantity": 2, "date": "2027-03-02",
    }  # fmt: skip


def fresh(list_amount: Decimal, a_side: int = 5) -> Haggle:
    return opening.fresh(list_amount, replace(TERMS, offers_per_side=a_side))


def offer(h: Haggle, side: Side, amount: Decimal) -> Haggle:
    return make_offer(h, side, offer_id=1, amount=amount, expires_in=86_400, now=NOW)


def attempt(h: Haggle, side: Side, amount: Decimal) -> Haggle | DomainError:
    try:
        return offer(h, side, amount)
    except DomainError as refusal:
        return refusal


@given(list_amount=AMOUNTS, first=st.sampled_from(["guest", "host"]), wishes=st.lists(AMOUNTS, max_size=40))
def test_whatever_is_offered_the_two_sides_only_come_closer(
    list_amount: Decimal, first: Side, wishes: list[Decimal]
) -> None:
    h, side = fresh(list_amount, 20), first
    said: dict[Side, list[Decimal]] = {"guest": [], "host": []}
    for amount in wishes:
        above, below = transitions.bounds(h, side)
        after = attempt(h, side, amount)
        if isinstance(after, DomainError):
            assert after.code == "offer.not_a_concession"
            assert not above < amount < below
            assert after.params == {"above": f"{above:.2f}", "below": f"{below:.2f}"}
            continue
        h = after
        assert above < amount < below
        said[side].append(amount)
        side = OTHER[side]
    bids, asks = said["guest"], said["host"]
    assert all(a < b for a, b in pairwise(bids))
    assert all(a > b for a, b in pairwise(asks))
    assert max(bids, default=Decimal(0)) < min(asks, default=list_amount)
    assert all(bid < list_amount for bid in bids)
    assert all(ask <= list_amount for ask in asks)
    assert (h.guest_offers_left, h.host_offers_left) == (20 - len(bids), 20 - len(asks))


@given(list_amount=AMOUNTS)
def test_the_first_word_of_each_side(list_amount: Decimal) -> None:
    h = fresh(list_amount)
    assert offer(h, "host", list_amount).last_ask == list_amount
    for side, amount in (("guest", list_amount), ("host", list_amount + CENT)):
        with pytest.raises(DomainError) as refusal:
            offer(h, side, amount)
        assert refusal.value.code == "offer.not_a_concession"


def test_a_concession_is_strict_on_both_ends() -> None:
    h = offer(offer(fresh(Decimal(3000)), "guest", Decimal(2000)), "host", Decimal(2800))
    refused = [Decimal(n) for n in ("1999.99", "2000.00", "2800.00", "2800.01")]
    for amount in refused:
        with pytest.raises(DomainError):
            offer(h, "guest", amount)
    for amount in (Decimal("2000.01"), Decimal("2799.99")):
        assert offer(h, "guest", amount).last_bid == amount


@given(seconds=st.integers(300, 604_800), ahead=st.integers(1, 10**6))
def test_no_offer_outlives_eight_in_the_evening_of_the_check_in_day(seconds: int, ahead: int) -> None:
    h = replace(fresh(Decimal(3000)), latest_offer_at=NOW + timedelta(seconds=ahead))
    assert transitions.expiry(h, seconds, NOW) == NOW + timedelta(seconds=min(seconds, ahead))


@given(amount=AMOUNTS, list_amount=AMOUNTS, percent=PERCENTS)
def test_the_automatic_yes_is_at_or_above_its_line(amount: Decimal, list_amount: Decimal, percent: Decimal) -> None:
    line = list_amount * percent / 100
    said_yes = automatic.accepts(AutoRules(percent, None), amount=amount, list_amount=list_amount)
    if abs(amount - line) >= CENT / 2:
        assert said_yes == (amount >= line)
    assert not automatic.accepts(AutoRules(None, percent), amount=amount, list_amount=list_amount)


@given(amount=AMOUNTS, list_amount=AMOUNTS, percent=PERCENTS, chance=CHANCES)
def test_the_automatic_no_is_below_a_line_that_lies_at_most_five_per_cent_low(
    amount: Decimal, list_amount: Decimal, percent: Decimal, chance: float
) -> None:
    slack = automatic.draw_slack(chance)
    assert 0 <= slack <= 5
    rules = AutoRules(None, percent)
    said_no = automatic.declines(rules, amount=amount, list_amount=list_amount, slack_percent=slack)
    if amount >= list_amount * percent / 100 + CENT:
        assert not said_no
    if amount < list_amount * (percent - 5) / 100 - CENT:
        assert said_no
    assert not automatic.declines(AutoRules(percent, None), amount=amount, list_amount=list_amount, slack_percent=slack)


@given(chance=CHANCES)
def test_the_automatic_no_takes_ten_to_sixty_seconds(chance: float) -> None:
    assert 10_000 <= automatic.decline_delay_ms(chance) <= 60_000


@given(amount=AMOUNTS, meals=AMOUNTS, cleaning=AMOUNTS)
def test_an_offers_quote_adds_up_and_rounds_each_line_half_up(
    amount: Decimal, meals: Decimal, cleaning: Decimal
) -> None:
    quote = replace(TERMS, meals_amount=meals, cleaning=cleaning).quote(amount, "BDT")
    together = amount + meals + cleaning
    assert (quote.stay, quote.meals, quote.cleaning) == (amount, meals, cleaning)
    assert quote.total == together + quote.platform_fee + quote.tax
    assert abs(quote.platform_fee - together / 20) <= CENT / 2
    assert abs(quote.tax - together / 10) <= CENT / 2


def test_half_a_hundredth_is_rounded_up() -> None:
    quote = replace(TERMS, nights=1).quote(Decimal("0.10"), "BDT")
    assert quote.as_dict() == {
        "currency": "BDT", "nights": 1, "stay": "0.10", "meals": "0.00", "cleaning": "0.00",
        "platform_fee": "0.01", "tax": "0.01", "total": "0.12",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "refused"),
    [
        ({}, False), ({"opened": 2, "bids": 11}, False), ({"opened": 3}, True), ({"bids": 12}, True),
        ({"opened": 3, "bids": 12, "factor": 2.0}, False), ({"paused_until": NOW + timedelta(days=1)}, True),
        ({"paused_until": NOW + timedelta(days=1), "factor": 1000.0}, True), ({"paused_until": NOW}, False),
    ],
)  # fmt: skip
def test_the_limits_of_a_day(counts: dict, refused: bool) -> None:
    given = {
        "opened": 0, "first_opened_at": NOW - timedelta(hours=20), "bids": 0,
        "first_bid_at": NOW - timedelta(hours=20), "paused_until": None, "factor": 1.0, "now": NOW,
    } | counts  # fmt: skip
    if not refused:
        opening.check_counts(**given)
        return
    with pytest.raises(DomainError) as refusal:
        opening.check_counts(**given)
    assert refusal.value.code == "offer.limit_reached"
    wait = timedelta(days=1) if "paused_until" in counts else timedelta(hours=4)
    assert refusal.value.params == {"retry_after": wait.total_seconds()}


def test_after_the_named_seconds_the_limit_is_really_lifted() -> None:
    first = NOW - timedelta(hours=20) + timedelta(milliseconds=300)
    with pytest.raises(DomainError) as refusal:
        opening.check_bids(bids=12, first_bid_at=first, factor=1, now=NOW)
    assert NOW + timedelta(seconds=refusal.value.params["retry_after"]) >= first + timedelta(days=1)
