"""From an agreement to a booking, in the accept's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from bookings.models import Booking
from bookings.services.confirm_stays import AgreedStay
from core.errors import DomainError
from core.money import money
from negotiation.engine.loaded import Agreement
from negotiation.engine.moves import Move, Unreadable
from negotiation.engine.unit_of_work import Batch
from negotiation.rules.opening import offer_quote
from properties.rules.menu import PricedMeal


def settle(batch: Batch, confirm: Callable[..., Sequence[Booking]]) -> None:
    """Writes the stays of all agreements, then names each booking in its entry, notices and answer.

    Raises DomainError (dates.taken) for a single stay that the calendar refuses, IntegrityError among several.
    """
    agreements = batch.draft.agreements
    if not agreements:
        return
    bookings = confirm([_stay(agreement) for agreement in agreements], now=batch.now)
    for agreement, booking in zip(agreements, bookings, strict=True):
        agreement.row.booking_id = booking.pk
        data = {"offer": agreement.offer_id, "booking": booking.pk, "amount": money(agreement.amount)}
        agreement.entry.data = orjson.dumps(data)
        for told in (agreement.answer, *agreement.refusals):
            told["booking"] = booking.pk
        for note in agreement.notifications:
            note.booking_id = booking.pk


def refused_before(move: Move, refusal: DomainError) -> Move:
    """The move as one whose outcome is known: the floor below refused it a moment ago."""
    return Unreadable(actor_id=move.actor_id, key=move.key, fingerprint=move.fingerprint, error=refusal)


def _stay(agreement: Agreement) -> AgreedStay:
    row, terms = agreement.row, agreement.row.terms
    return AgreedStay(
        property_id=row.property_id,
        guest_id=row.guest_id,
        host_id=row.host_id,
        negotiation_id=row.id,
        booking_type=row.booking_type,
        start_date=row.start_date,
        end_date=row.end_date,
        check_in_at=datetime.fromisoformat(terms["check_in_at"]),
        check_out_at=datetime.fromisoformat(terms["check_out_at"]),
        guests=row.guests,
        quote=offer_quote(terms, amount=agreement.amount, currency=row.currency),
        list_price=row.haggle.list_amount,
        cancellation_policy=terms["policy"],
        meals=tuple(_meal(meal) for meal in terms["meals"]),
    )


def _meal(meal: dict[str, Any]) -> PricedMeal:
    return PricedMeal(
        id=meal["id"],
        kind=meal["kind"],
        name=meal["name"],
        price=Decimal(meal["price"]),
        quantity=meal["quantity"],
        date=date.fromisoformat(meal["date"]),
    )
