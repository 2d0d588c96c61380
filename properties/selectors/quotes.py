"""Quotes a stay, for REST and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from accounts.models import User
from core.money import money
from properties.rules.quote import check_payable
from properties.rules.terms import MealOrder, inside_windows, quote_stay
from properties.selectors.availability import access_terms
from properties.selectors.calendar import has_free_nights, own_entries
from properties.selectors.payable import payment_bounds


def get_quote(
    *,
    property_id: int,
    actor: User | None,
    start_date: date,
    end_date: date,
    guests: int,
    booking_type: str,
    meals: Sequence[MealOrder],
    now: datetime,
) -> dict[str, Any]:
    """The quote object with each discount named, and whether the nights are free. The user's own unpaid hold does not count.

    Raises `not_found`, `property.not_listed`, `stay.not_payable`, and what `quote_stay` raises.
    """
    terms = access_terms(property_id, actor)
    stay = quote_stay(
        terms, start_date=start_date, end_date=end_date, guests=guests, booking_type=booking_type, meals=meals,
        fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT, now=now,
    )  # fmt: skip
    check_payable(stay.quote, payment_bounds(terms.currency))
    own = own_entries(actor.pk if actor else None, property_id, start_date, end_date, now)
    free = inside_windows(terms, start_date, end_date) and has_free_nights(
        property_id=property_id, start_date=start_date, end_date=end_date, now=now, but=own
    )
    return {
        **stay.quote.as_dict(),
        "booking_type": stay.booking_type,
        "base": money(stay.base),
        "discounts": [
            {"name": d.name, "percent": f"{d.percent.normalize():f}", "amount": money(d.amount)} for d in stay.discounts
        ],
        "available": free,
    }
