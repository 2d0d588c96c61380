"""Turns agreements into bookings, in the transaction of the accept."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from django.db import IntegrityError

from bookings.models import Booking
from bookings.services.confirm_stays import AgreedStay, confirm_agreed_stays, confirm_at_once
from core.database.conversation import Talk
from core.database.prepared_statements import Query
from core.errors import DomainError
from core.money import money
from negotiation.engine.draft import Agreement
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.moves import Move, Unreadable
from properties.services.calendar import raise_taken


def book_agreements(work: UnitOfWork) -> Talk[list[Query]]:
    """Makes the stays of all agreements bookings, and names each booking in its negotiation, entry and notifications.

    Returns the queries that write the bookings, which must come first of all that is written; none where they are written
    already, since holds had to make way. Raises DomainError (dates.taken) where the calendar refuses a stay and there is only
    this one, and IntegrityError where it refuses one of several.
    """
    agreements = work.draft.agreements
    if not agreements:
        return []
    stays = [_stay(agreement) for agreement in agreements]
    at_once = confirm_at_once(stays, work.facts.in_the_way, work.facts.booking_ids, now=work.now)
    if at_once is None:
        bookings, queries = (yield from confirm_agreed_stays(stays, now=work.now)), []
    else:
        bookings, queries = at_once[0], [at_once[1]]
    _name(agreements, bookings)
    return queries


def raise_refused(work: UnitOfWork, error: IntegrityError) -> None:
    """Raises what `book_agreements` would, for an error of what was written; returns where it does not tell more."""
    if len(work.draft.agreements) == 1:
        raise_taken(error)


def _name(agreements: Sequence[Agreement], bookings: Sequence[Booking]) -> None:
    for agreement, booking in zip(agreements, bookings, strict=True):
        agreement.record.booking_id = booking.pk
        data = {"offer": agreement.offer.id, "booking": booking.pk, "amount": money(agreement.offer.amount)}
        agreement.entry.data = orjson.dumps(data)
        for note in agreement.notifications:
            note.booking_id = booking.pk


def refused_before(move: Move, refusal: DomainError) -> Move:
    """Returns a move that has `refusal` as its outcome: `bookings` refused the stay in the try before."""
    return Unreadable(
        actor_id=move.actor_id,
        key=move.key,
        fingerprint=move.fingerprint,
        error=refusal,
        mandate_id=move.mandate_id,
        asked_kind=move.kind,
    )


def _stay(agreement: Agreement) -> AgreedStay:
    record, terms = agreement.record, agreement.record.terms
    return AgreedStay(
        property_id=record.property_id,
        guest_id=record.guest_id,
        host_id=record.host_id,
        negotiation_id=record.id,
        booking_type=record.booking_type,
        start_date=record.start_date,
        end_date=record.end_date,
        check_in_at=terms.check_in_at,
        check_out_at=terms.check_out_at,
        guests=record.guests,
        quote=terms.quote(agreement.offer.amount, record.currency),
        list_price=record.haggle.list_amount,
        cancellation_policy=terms.policy,
        meals=terms.meals,
    )
