"""Reads today's list price of a negotiation's stay; its own list amount is frozen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from core.errors import DomainError
from negotiation.records import NegotiationRecord
from properties.rules.terms import PropertyTerms, quote_stay
from properties.selectors.terms import get_terms


def list_amount_today(record: NegotiationRecord, *, now: datetime) -> Decimal | None:
    """The stay without meals, fee and tax at the home's terms of now; None where the home takes no such stay now."""
    terms = get_terms(record.property_id)
    return None if terms is None else list_amount_at(terms, record, now=now)


def list_amount_at(terms: PropertyTerms, record: NegotiationRecord, *, now: datetime) -> Decimal | None:
    """The list price at these terms."""
    try:
        stay = quote_stay(
            terms, start_date=record.start_date, end_date=record.end_date, guests=record.guests,
            booking_type=record.booking_type, meals=(), fee_percent=settings.PLATFORM_FEE_PERCENT,
            tax_percent=settings.TAX_PERCENT, now=now,
        )  # fmt: skip
    except DomainError:
        return None
    return stay.quote.stay
