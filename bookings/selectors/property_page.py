"""A property's page with its reviews, and with the exact address for a guest whose stay is settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from bookings.selectors.contact import may_see_address
from bookings.selectors.reviews import list_reviews, review_body
from properties.rules.terms import PropertyTerms
from properties.selectors.page import access_page, show_address, show_page

REVIEWS = 50


def get_property_page(
    *, property_id: int, actor: User | None, now: datetime, absolute: Callable[[str], str]
) -> dict[str, Any]:
    """The page's object; also of an unlisted property for a guest whose stay there is settled.

    Raises `not_found`, `property.not_listed`.
    """
    page, _ = get_page_and_terms(property_id=property_id, actor=actor, now=now, absolute=absolute)
    return page


def get_page_and_terms(
    *, property_id: int, actor: User | None, now: datetime, absolute: Callable[[str], str]
) -> tuple[dict[str, Any], PropertyTerms]:
    """As `get_property_page`, with the property's terms."""
    has_stay = actor is not None and may_see_address(viewer_id=actor.pk, property_id=property_id, now=now)
    row, terms = access_page(property_id, actor, has_stay=has_stay)
    page = show_page(row, terms, now=now, absolute=absolute)
    page["reviews"] = [review_body(review) for review in list_reviews(property_id, now=now, limit=REVIEWS)]
    if has_stay or (actor is not None and actor.pk == row.host_id):
        page["address"] = show_address(row)
    return page, terms
