"""Decides whether a guest may open a negotiation, and freezes its terms (rule 1)."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.rules import check_no_block
from core.errors import Code, DomainError, invalid
from core.limits import scaled
from core.money import ZERO, money
from core.said import said
from negotiation.rules.automatic import BIDS_A_DAY, OPENINGS_A_DAY
from negotiation.rules.negotiation_state import Haggle
from negotiation.rules.terms import Terms
from properties.rules.terms import (
    PropertyTerms,
    StayQuote,
    check_in_at,
    check_offered,
    check_out_at,
    last_word_at,
    local_today,
)

DAY = timedelta(days=1)


def check_property(
    terms: PropertyTerms | None, *, guest_id: int, is_question: bool, blocks: Collection[tuple[int, int]] = ()
) -> PropertyTerms:
    """The property, where it may be haggled over by this guest. `blocks` are pairs of who blocked whom.

    Raises: not_found, property.not_listed, not_allowed (one's own, or a block), negotiation.not_offered.
    """
    terms = check_offered(terms, guest_id=guest_id)
    check_no_block({by for by, whom in blocks if {by, whom} == {guest_id, terms.host_id}}, guest_id)
    if not is_question:
        check_negotiable(terms)
    return terms


def check_negotiable(terms: PropertyTerms) -> None:
    """Raises negotiation.not_offered where the host takes the list price only."""
    if not terms.negotiable:
        raise DomainError(Code.NEGOTIATION_NOT_OFFERED, "This host does not haggle; book at the price shown.")


def check_counts(
    *,
    opened: int,
    first_opened_at: datetime | None,
    bids: int,
    first_bid_at: datetime | None,
    paused_until: datetime | None,
    factor: float,
    now: datetime,
) -> None:
    """Raises offer.limit_reached after 3 openings or 12 bids on the property in 24 h, or while the guest is paused."""
    if paused_until is not None and paused_until > now:
        raise _limit("You left a booking here unpaid; try again later.", paused_until - now)
    if opened >= scaled(OPENINGS_A_DAY, factor) and first_opened_at:
        raise _limit("You opened too many negotiations here in one day.", first_opened_at + DAY - now)
    check_bids(bids=bids, first_bid_at=first_bid_at, factor=factor, now=now)


def check_bids(*, bids: int, first_bid_at: datetime | None, factor: float, now: datetime) -> None:
    """Raises offer.limit_reached after 12 bids on a property in 24 h, so that no guest feels for a floor (rule 8)."""
    if bids >= scaled(BIDS_A_DAY, factor) and first_bid_at:
        raise _limit("You made too many bids for this home in one day.", first_bid_at + DAY - now)


def check_first_bid(amount: Decimal, list_amount: Decimal) -> None:
    """Raises offer.not_a_concession unless the bid is below the list amount."""
    if amount >= list_amount:
        raise DomainError(
            Code.OFFER_NOT_A_CONCESSION,
            said("The list price is %(list_amount)s; bid below it, or book.", list_amount=money(list_amount)),
            params={"above": money(ZERO), "below": money(list_amount)},
        )


def latest_offer_at(terms: PropertyTerms, start: date) -> datetime:
    """The latest end of an offer: 20:00 of the check-in day at the property."""
    return last_word_at(terms, start)


def check_time_left(terms: PropertyTerms, start: date, now: datetime) -> None:
    """Raises dates.invalid after 20:00 of the check-in day; past days are refused elsewhere."""
    if start >= local_today(terms, now) and latest_offer_at(terms, start) <= now:
        raise DomainError(
            Code.DATES_INVALID,
            "It is too late to haggle over a stay that begins today.",
            fields={"start_date": ["Choose a later day."]},
        )


def freeze(
    terms: PropertyTerms,
    stay: StayQuote,
    *,
    start: date,
    end: date,
    names: tuple[str, str],
    slack: Decimal,
    rates: tuple[Decimal, Decimal],
    offers_per_side: int,
) -> Terms:
    """The terms from now on. `names` are the guest's and the host's, `rates` fee and tax in per cent."""
    return Terms(
        title=terms.title,
        guest_name=names[0],
        host_name=names[1],
        nights=stay.quote.nights,
        base=stay.base,
        list_quote=stay.quote.as_dict(),
        meals_amount=stay.quote.meals,
        cleaning=stay.quote.cleaning,
        fee_percent=rates[0],
        tax_percent=rates[1],
        meals=stay.meals,
        policy=terms.cancellation_policy,
        offers_per_side=offers_per_side,
        slack=slack,
        check_in_at=check_in_at(terms, start),
        check_out_at=check_out_at(terms, end),
        latest_offer_at=latest_offer_at(terms, start),
    )


def fresh(list_amount: Decimal, terms: Terms) -> Haggle:
    """The state of a negotiation without a move."""
    return Haggle(
        status="open",
        turn=None,
        list_amount=list_amount,
        standing=None,
        last_bid=None,
        last_ask=None,
        guest_offers_left=terms.offers_per_side,
        host_offers_left=terms.offers_per_side,
        expires_at=terms.latest_offer_at,
        latest_offer_at=terms.latest_offer_at,
        check_out_at=terms.check_out_at,
    )


def check_message_given(message: str | None) -> None:
    """Raises invalid: a question without words asks nothing."""
    if not message:
        raise invalid(message="Without an amount this is a question: write what you want to ask.")


def _limit(message: str, wait: timedelta) -> DomainError:
    seconds = max(1, math.ceil(wait.total_seconds()))
    return DomainError(Code.OFFER_LIMIT_REACHED, message, params={"retry_after": seconds})
