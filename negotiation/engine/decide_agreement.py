"""Decides whether an offer may be agreed on, under the property's lock, and ends the rivals of an agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bookings.rules.limits import UNPAID_AT_ONCE
from core.errors import Code, DomainError
from core.limits import scaled
from negotiation.engine.draft import Agreement
from negotiation.engine.end_rivals import end_rivals
from negotiation.engine.loaded import TakenNights
from negotiation.engine.outcomes import Answer
from negotiation.engine.quoting import requoted
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.moves import Open
from negotiation.records import NegotiationRecord
from negotiation.rules import automatic
from negotiation.rules import transitions as rules
from negotiation.rules.negotiation_state import OTHER, Haggle, Side
from properties.rules.terms import PropertyTerms, inside_windows


def answer_bid(work: UnitOfWork, record: NegotiationRecord, answer: Answer) -> Answer:
    """Applies the host's percentages to the bid that stands now (rule 8), and returns the answer to it.

    The percentages accept the bid at once, decline it a little later, or leave it standing.
    """
    standing, list_amount = record.haggle.standing, record.haggle.list_amount
    if standing is None or not work.auto:
        return answer
    if work.deep and automatic.accepts(record.auto, amount=standing.amount, list_amount=_dearer_list(work, record)):
        return _accept_at_once(work, record, standing.id, answer)
    slack = record.terms.slack
    if automatic.declines(record.auto, amount=standing.amount, list_amount=list_amount, slack_percent=slack):
        record.auto_decline_at = work.now + timedelta(milliseconds=automatic.decline_delay_ms(work.chance()))
    return answer


def _dearer_list(work: UnitOfWork, record: NegotiationRecord) -> Decimal:
    """Returns the list amount by which an automatic accept is judged.

    It is the higher of the frozen amount and today's: a host who raised the price sells nothing automatically below it.
    """
    terms = work.facts.terms[record.property_id]
    try:
        today = requoted(work, terms, record).quote.stay
    except DomainError:  # the property no longer takes such a stay; the accept itself checks that
        return record.haggle.list_amount
    return max(record.haggle.list_amount, today)


def _accept_at_once(work: UnitOfWork, record: NegotiationRecord, offer_id: int, answer: Answer) -> Answer:
    try:
        check_agreeable(work, record)
    except DomainError:
        return answer  # the bid stands like any other
    work.look_up(record, "host")
    agreement = agree(work, record, "host", rules.accept_offer(record.haggle, "host", offer_id=offer_id))
    record.ended_by = "rule"
    agreement.notifications.append(
        work.notify(record, "host", "offer.accepted", record.haggle.last_bid, because="rule")
    )
    offer = None if answer.offer is None else {**answer.offer, "status": "accepted"}
    return replace(answer, seq=record.last_seq, offer=offer, agreed=True)


def check_agreeable(work: UnitOfWork, record: NegotiationRecord) -> None:
    """Raises booking.too_many_unpaid for a guest with too many unpaid stays, and dates.taken where a night is gone."""
    unpaid = work.facts.unpaid.get(record.guest_id, 0) - len(_own_holds(work, record))
    if unpaid >= scaled(UNPAID_AT_ONCE, work.factor):
        raise DomainError(
            Code.BOOKING_TOO_MANY_UNPAID, "The guest has too many bookings that wait to be paid; pay one first."
        )
    check_free(work, work.facts.terms[record.property_id], record)


def _own_holds(work: UnitOfWork, record: NegotiationRecord) -> list[TakenNights]:
    """Returns the nights of the guest's pending reservations that this agreement replaces."""
    taken = work.facts.taken.get(record.property_id, ())
    return [
        nights
        for nights in taken
        if nights.held_for == record.guest_id and nights.overlap(record.start_date, record.end_date)
    ]


def _take(work: UnitOfWork, record: NegotiationRecord) -> None:
    """Records the agreement in the facts: later moves of the batch see its nights taken, and one more unpaid stay."""
    replaced, taken = _own_holds(work, record), work.facts.taken.get(record.property_id, [])
    left = [nights for nights in taken if nights not in replaced]
    work.facts.taken[record.property_id] = [*left, TakenNights(record.start_date, record.end_date)]
    work.facts.unpaid[record.guest_id] = work.facts.unpaid.get(record.guest_id, 0) - len(replaced) + 1


def check_free(work: UnitOfWork, terms: PropertyTerms, stay: NegotiationRecord | Open) -> None:
    """Raises dates.taken where a night is taken or outside the windows. Ignores the guest's own pending hold."""
    gone = any(
        nights.overlap(stay.start_date, stay.end_date) and nights.held_for != stay.guest_id
        for nights in work.facts.taken.get(terms.id, ())
    )
    if gone or not inside_windows(terms, stay.start_date, stay.end_date):
        raise _not_free()


def check_nights(work: UnitOfWork, record: NegotiationRecord, *, gone: bool) -> None:
    """Raises dates.taken for an offer or a seal if another guest took a night of the stay in the meantime.

    It judges by the facts read under the property's lock, and without that lock by `gone`, which was read with the move.
    """
    if record.property_id in work.facts.terms:
        check_free(work, work.facts.terms[record.property_id], record)
    elif gone:
        raise _not_free()


def _not_free() -> DomainError:
    return DomainError(Code.DATES_TAKEN, "These nights are not free (any more).")


def agree(
    work: UnitOfWork, record: NegotiationRecord, side: Side, agreed: Haggle, *, via: str | None = None
) -> Agreement:
    """Closes a negotiation as agreed and ends its rivals. The next step writes the booking and names it in the entry.

    `via` says that a machine agreed for `side`; it is needed only where the present move does not show that.
    """
    offer = record.offer_on_table()
    work.end(record, agreed, side, offer_status="accepted")
    entry = work.emit(record, "offer.accepted", side, {}, via=via)
    told = work.notify(record, OTHER[side], "offer.accepted", offer.amount, via=via)
    agreement = Agreement(record, offer, entry, [told])
    work.draft.agreements.append(agreement)
    _take(work, record)
    end_rivals(work, record)
    return agreement
