"""Calculates what a stay costs at the property's terms of today, which were read under the property's lock."""

from __future__ import annotations

from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.moves import Open
from negotiation.records import NegotiationRecord
from negotiation.rules import opening
from properties.rules.menu import MealOrder
from properties.rules.terms import PropertyTerms, StayQuote, check_booking_type, quote_stay


def quoted(work: UnitOfWork, terms: PropertyTerms, move: Open) -> StayQuote:
    """Quotes the stay that an opening asks for, at today's terms. Raises dates.invalid, stay.too_many_guests, invalid."""
    fee, tax = work.rates
    check_booking_type(terms, move.booking_type)
    opening.check_time_left(terms, move.start_date, work.now)
    return quote_stay(
        terms,
        start_date=move.start_date,
        end_date=move.end_date,
        guests=move.guests,
        booking_type=move.booking_type,
        meals=move.meals,
        fee_percent=fee,
        tax_percent=tax,
        now=work.now,
    )


def requoted(work: UnitOfWork, terms: PropertyTerms, record: NegotiationRecord) -> StayQuote:
    """Quotes the stay of a negotiation at today's terms. Raises as `quoted`."""
    meals = tuple(MealOrder(meal.kind, meal.id, meal.quantity, meal.date) for meal in record.terms.meals)
    move = Open(
        actor_id=record.guest_id,
        property_id=record.property_id,
        start_date=record.start_date,
        end_date=record.end_date,
        guests=record.guests,
        booking_type=record.booking_type,
        meals=meals,
    )
    return quoted(work, terms, move)
