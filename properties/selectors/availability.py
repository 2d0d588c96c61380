"""Reads which nights of a property can be booked, and their prices."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from core.errors import Code, DomainError, not_found
from core.money import money
from core.said import said
from properties.rules.arrivals import arrivals_between, gaps_between
from properties.rules.spans import within, without
from properties.rules.terms import MAX_DAYS_AHEAD, MAX_NIGHTS, PropertyTerms, local_today, price_night
from properties.selectors.calendar import list_taken, own_entries
from properties.selectors.steps import show_spans
from properties.selectors.terms import get_terms

MAX_DAYS = 400
DEFAULT_DAYS = 90


def access_terms(property_id: int, actor: User | None, *, has_stay: bool = False) -> PropertyTerms:
    """The terms of a listed property. Its host may read it in any state, a guest with a stay there also while it is unlisted.

    Raises `not_found` (drafts too) and `property.not_listed`.
    """
    terms = get_terms(property_id)
    own = actor is not None and terms is not None and terms.host_id == actor.pk
    if terms is None or (terms.status == "draft" and not own):
        raise not_found()
    if not (own or has_stay):
        check_listed(terms)
    return terms


def check_listed(terms: PropertyTerms) -> None:
    """Raises `property.not_listed` where the property is not."""
    if not terms.is_listed:
        raise DomainError(Code.PROPERTY_NOT_LISTED, "This property is not let at the moment.")


def get_availability(
    *, property_id: int, actor: User | None, start: date | None, end: date | None, now: datetime
) -> dict[str, Any]:
    """Windows and taken nights from `start` to before `end` (today and 90 days), each free night's price, and which stays
    the host takes: `stays`, as `rules.terms.check_dates` has it.

    Nights that the actor holds and has not paid yet are free to that actor. A draft without a price has no nights yet.
    """
    terms = access_terms(property_id, actor)
    today = local_today(terms, now)
    start = start or today
    end = end or start + timedelta(DEFAULT_DAYS)
    _check(start, end)
    windows = [(start, end)] if terms.always_open else within(terms.windows, start, end)
    own = own_entries(actor.pk if actor else None, property_id, start, end, now)
    taken = list_taken(property_id, start, end, now, but=own)
    bookable = within(windows, max(start, today), min(end, today + timedelta(MAX_DAYS_AHEAD)))
    return {
        "windows": show_spans(windows),
        "taken": show_spans(taken),
        "nights": [
            {"date": night.isoformat(), "price": money(price_night(terms, night))}
            for first, last in (without(bookable, taken) if terms.price else ())
            for night in (first + timedelta(n) for n in range((last - first).days))
        ],
        "currency": terms.currency,
        "stays": _stays(terms, start, end, today),
    }


def _stays(terms: PropertyTerms, start: date, end: date, today: date) -> dict[str, Any]:
    return {
        "first": (today + timedelta(terms.notice_days)).isoformat(),
        "min_nights": terms.min_nights,
        "max_nights": min(terms.max_nights, MAX_NIGHTS),
        "arrivals": [
            {"date": day.isoformat(), "min_nights": least} for day, least in arrivals_between(terms, start, end)
        ],
        "gaps": show_spans(gaps_between(terms, start, end, today)),
    }


def _check(start: date, end: date) -> None:
    text = ""
    if end <= start:
        text = said("Must be after `from`.")
    elif (end - start).days > MAX_DAYS:
        text = said("At most %(most)s days at once.", most=MAX_DAYS)
    if text:
        raise DomainError(Code.DATES_INVALID, text, fields={"to": [text]})
