"""May this guest open this negotiation, and what is frozen when it opens: by tables, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest

from accounts.rules import CLOSED_DOOR, OWN_BLOCK
from core.errors import DomainError
from negotiation.rules.opening import (
    check_bids,
    check_counts,
    check_first_bid,
    check_message_given,
    check_negotiable,
    check_property,
    check_time_left,
    freeze,
    fresh,
    latest_offer_at,
)
from properties.rules.terms import MealOrder, quote_stay
from tests.properties.quoting import TERMS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GUEST, HOST = 9, TERMS.host_id
NOTHING_YET = {
    "opened": 0, "first_opened_at": None, "bids": 0, "first_bid_at": None, "paused_until": None, "factor": 1, "now": NOW,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "guest", "is_question", "code"),
    [
        (None, GUEST, False, "not_found"),
        ({"status": "draft"}, GUEST, False, "not_found"),
        ({"status": "draft"}, HOST, False, "not_found"),
        ({"status": "unlisted"}, GUEST, False, "property.not_listed"),
        ({"status": "unlisted"}, HOST, True, "property.not_listed"),
        ({}, HOST, False, "not_allowed"),
        ({}, HOST, True, "not_allowed"),
        ({"negotiable": False}, GUEST, False, "negotiation.not_offered"),
        ({"negotiable": False}, GUEST, True, None),
        ({}, GUEST, False, None),
        ({}, GUEST, True, None),
    ],
)
def test_which_home_may_be_haggled_over_by_whom(changes, guest, is_question, code):
    terms = None if changes is None else replace(TERMS, **changes)
    refused = refusal(lambda: check_property(terms, guest_id=guest, is_question=is_question))
    assert (refused.code if refused else None) == code


def refusal(call):
    try:
        call()
    except DomainError as error:
        return error
    return None


OTHERS = (GUEST + 1, HOST + 1)


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ([], None),
        ([(GUEST, HOST)], OWN_BLOCK),
        ([(HOST, GUEST)], CLOSED_DOOR),
        ([(HOST, GUEST), (GUEST, HOST)], CLOSED_DOOR),
        ([(GUEST, OTHERS[1]), (HOST, OTHERS[0]), (OTHERS[0], GUEST), (OTHERS[1], HOST), OTHERS], None),
    ],
)
@pytest.mark.parametrize("is_question", [False, True])
def test_a_block_between_these_two_closes_the_door(blocks, text, is_question):
    refused = refusal(lambda: check_property(TERMS, guest_id=GUEST, is_question=is_question, blocks=blocks))
    assert (refused and (refused.code, refused.message)) == (text and ("not_allowed", text))


@pytest.mark.parametrize(
    "refuse",
    [
        lambda: check_negotiable(replace(TERMS, negotiable=False)),
        lambda: check_bids(bids=12, first_bid_at=NOW, factor=1, now=NOW),
        lambda: check_counts(**NOTHING_YET | {"opened": 3, "first_opened_at": NOW}),
        lambda: check_counts(**NOTHING_YET | {"paused_until": NOW + DAY}),
        lambda: check_time_left(TERMS, NOW.date(), latest_offer_at(TERMS, NOW.date())),
    ],
)
def test_a_refusal_is_a_sentence(refuse):
    refused = refusal(refuse)
    assert refused.message != refused.code


def test_a_home_that_may_be_haggled_over_is_given_back():
    assert check_property(TERMS, guest_id=GUEST, is_question=False) is TERMS
    check_negotiable(TERMS)


@pytest.mark.parametrize(
    ("given", "retry_after"),
    [
        ({}, None),
        ({"opened": 2, "first_opened_at": NOW - DAY / 2}, None),
        ({"opened": 3, "first_opened_at": NOW - DAY / 2}, 43_200),
        ({"opened": 3, "first_opened_at": None}, None),
        ({"opened": 4, "first_opened_at": NOW - DAY}, 1),
        ({"bids": 11, "first_bid_at": NOW - DAY / 4}, None),
        ({"bids": 12, "first_bid_at": NOW - DAY / 4}, 64_800),
        ({"bids": 12, "first_bid_at": None}, None),
        ({"paused_until": NOW}, None),
        ({"paused_until": NOW + timedelta(seconds=1.5)}, 2),
        ({"paused_until": NOW + timedelta(hours=1), "opened": 9, "first_opened_at": NOW}, 3_600),
        ({"opened": 3, "first_opened_at": NOW - DAY / 2, "bids": 12, "first_bid_at": NOW}, 43_200),
    ],
)
def test_how_often_a_guest_may_try_and_when_again(given, retry_after):
    refused = refusal(lambda: check_counts(**NOTHING_YET | given))
    assert (refused.params if refused else None) == (retry_after and {"retry_after": retry_after})
    assert refused is None or refused.code == "offer.limit_reached"


@pytest.mark.parametrize(("bids", "refused"), [(23, False), (24, True)])
def test_a_factor_scales_the_bids_of_a_day(bids, refused):
    assert bool(refusal(lambda: check_bids(bids=bids, first_bid_at=NOW, factor=2, now=NOW))) is refused


@pytest.mark.parametrize(("amount", "refused"), [("2999.99", False), ("3000.00", True), ("3000.01", True)])
def test_a_first_bid_is_below_the_list_price(amount, refused):
    found = refusal(lambda: check_first_bid(D(amount), D("3000.00")))
    assert bool(found) is refused
    if refused:
        assert (found.code, found.params) == ("offer.not_a_concession", {"above": "0.00", "below": "3000.00"})
        assert "3000.00" in found.message


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Asia/Dhaka", datetime(2026, 6, 1, 14, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 6, 1, 18, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 6, 1, 6, tzinfo=UTC)),
    ],
)
def test_no_offer_outlives_eight_in_the_evening_of_the_first_day_there(zone, moment):
    terms = replace(TERMS, timezone=zone)
    assert latest_offer_at(terms, date(2026, 6, 1)) == moment
    check_time_left(terms, date(2026, 6, 1), moment - timedelta(milliseconds=1))
    refused = refusal(lambda: check_time_left(terms, date(2026, 6, 1), moment))
    assert (refused.code, refused.fields) == ("dates.invalid", {"start_date": ["Choose a later day."]})


def test_a_day_that_has_passed_there_is_not_asked_about_here():
    check_time_left(TERMS, date(2026, 5, 31), NOW)


def frozen_stay(**changes):
    terms = replace(TERMS, cleaning_fee=D("75.00"), **changes)
    start, end = date(2026, 6, 10), date(2026, 6, 13)
    stay = quote_stay(
        terms, start_date=start, end_date=end, guests=2, booking_type="stay_with_meal",
        meals=[MealOrder("breakfast", 7, 2, date(2026, 6, 11))], fee_percent=D(5), tax_percent=D(10), now=NOW,
    )  # fmt: skip
    frozen = freeze(
        terms,
        stay,
        start=start,
        end=end,
        names=("Mina", "Rahim"),
        slack=D("2.5"),
        rates=(D(5), D(10)),
        offers_per_side=terms.offers_per_side,
    )
    return stay, frozen


def test_what_is_frozen_says_all_that_the_haggle_is_about():
    stay, frozen = frozen_stay()
    assert frozen.to_json() == {
        "title": "Lake House", "guest_name": "Mina", "host_name": "Rahim", "nights": 3, "base": "3000.00",
        "list_quote": stay.quote.as_dict(), "meals_amount": "300.00", "cleaning": "75.00", "fee_percent": "5",
        "tax_percent": "10", "policy": "moderate", "offers_per_side": 5, "slack": "2.5",
        "meals": [{"id": 7, "kind": "breakfast", "name": "Paratha", "price": "150.00", "quantity": 2, "date": "2026-06-11"}],
        "check_in_at": "2026-06-10T08:00:00.000Z", "check_out_at": "2026-06-13T05:00:00.000Z",
        "latest_offer_at": "2026-06-10T14:00:00.000Z",
    }  # fmt: skip


def test_a_fresh_negotiation_is_open_and_nobodys_turn():
    _, frozen = frozen_stay()
    haggle = fresh(D("3000.00"), frozen)
    latest = datetime(2026, 6, 10, 14, tzinfo=UTC)
    assert (haggle.status, haggle.turn, haggle.standing, haggle.last_bid, haggle.last_ask) == (
        "open",
        None,
        None,
        None,
        None,
    )
    assert (haggle.guest_offers_left, haggle.host_offers_left, haggle.list_amount) == (5, 5, D("3000.00"))
    assert (haggle.expires_at, haggle.latest_offer_at) == (latest, latest)
    assert haggle.check_out_at == datetime(2026, 6, 13, 5, tzinfo=UTC)


def test_the_all_in_price_of_an_offer_goes_by_the_frozen_terms():
    _, frozen = frozen_stay()
    quote = frozen.quote(D("2000.00"), "BDT")
    assert (quote.stay, quote.meals, quote.cleaning) == (D("2000.00"), D("300.00"), D("75.00"))
    assert (quote.platform_fee, quote.tax, quote.total) == (D("118.75"), D("237.50"), D("2731.25"))
    assert (quote.currency, quote.nights) == ("BDT", 3)


@pytest.mark.parametrize("message", [None, ""])
def test_a_question_needs_words(message):
    assert "message" in refusal(lambda: check_message_given(message)).fields
    check_message_given("Is there a cot?")


def fresh_haggle(frozen, **changes):
    """A negotiation in which nothing was said yet, with `changes`."""
    return replace(fresh(D("3000.00"), frozen), **changes)
