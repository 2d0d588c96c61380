"""Whether an offer may be agreed on, under the property's lock, and what agreeing does to everybody."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.errors import Code, DomainError
from negotiation.engine.loaded import Agreement, NewEntry, Row
from negotiation.engine.moves import Open
from negotiation.engine.unit_of_work import Batch
from negotiation.rules import automatic
from negotiation.rules import transitions as rules
from negotiation.rules.negotiation_state import OTHER, Haggle, Side
from properties.rules.terms import PropertyTerms, inside_windows

Answer = dict[str, Any]
# Unpaid holds, requests and agreed bookings that a guest may have at once.
MAX_UNPAID = 3


def answer_bid(batch: Batch, row: Row, answer: Answer) -> None:
    """What the host's percentages say to the bid that stands now: yes at once, no a bit later, or nothing (rule 8)."""
    standing, list_amount = row.haggle.standing, row.haggle.list_amount
    if standing is None or not batch.auto:
        return
    if batch.deep and automatic.accepts(row.auto, amount=standing.amount, list_amount=list_amount):
        _accept_at_once(batch, row, standing.id, answer)
        if row.haggle.status == "accepted" and "offer" in answer:
            answer["offer"] = {**answer["offer"], "status": "accepted"}
        return
    slack = Decimal(row.terms["slack"])
    if automatic.declines(row.auto, amount=standing.amount, list_amount=list_amount, slack_percent=slack):
        row.auto_decline_at = batch.now + timedelta(seconds=automatic.decline_delay(batch.chance()))


def _accept_at_once(batch: Batch, row: Row, offer_id: int, answer: Answer) -> None:
    try:
        check_agreeable(batch, row)
    except DomainError:
        return  # the bid stands as any other
    agree(batch, row, "host", rules.accept_offer(row.haggle, "host", offer_id=offer_id), answer)
    row.ended_by = "rule"
    told = batch.tell(row, "host", "offer.accepted", row.haggle.last_bid, because="rule")
    batch.draft.agreements[-1].notifications.append(told)


def check_agreeable(batch: Batch, row: Row) -> None:
    """Raises booking.too_many_unpaid or dates.taken."""
    unpaid = batch.facts.unpaid.get(row.guest_id, 0) - len(_own_holds(batch, row))
    if unpaid >= MAX_UNPAID * batch.factor:
        raise DomainError(
            Code.BOOKING_TOO_MANY_UNPAID, "The guest has too many bookings that wait to be paid; pay one first."
        )
    terms = batch.facts.terms[row.property_id]
    check_free(batch, terms, row)


def _own_holds(batch: Batch, row: Row) -> list[tuple[date, date, int | None]]:
    """The guest's pending reservations that this very agreement replaces."""
    taken = batch.facts.taken.get(row.property_id, ())
    return [held for held in taken if held[2] == row.guest_id and held[0] < row.end_date and row.start_date < held[1]]


def _take(batch: Batch, row: Row) -> None:
    """So that the moves after this one in the batch see its nights taken, and one more to pay."""
    replaced, taken = _own_holds(batch, row), batch.facts.taken.get(row.property_id, [])
    left = [held for held in taken if held not in replaced]
    batch.facts.taken[row.property_id] = [*left, (row.start_date, row.end_date, None)]
    batch.facts.unpaid[row.guest_id] = batch.facts.unpaid.get(row.guest_id, 0) - len(replaced) + 1


def check_free(batch: Batch, terms: PropertyTerms, stay: Row | Open) -> None:
    """Raises dates.taken where a night is gone, or outside the windows. The guest's own pending hold is no obstacle."""
    guest_id = stay.guest_id if isinstance(stay, Row) else stay.actor_id
    gone = any(
        start < stay.end_date and stay.start_date < end and held_for != guest_id
        for start, end, held_for in batch.facts.taken.get(terms.id, ())
    )
    if gone or not inside_windows(terms, stay.start_date, stay.end_date):
        raise DomainError(Code.DATES_TAKEN, "These nights are not free (any more).")


def agree(batch: Batch, row: Row, side: Side, agreed: Haggle, answer: Answer) -> None:
    """Closes a negotiation as agreed and ends its rivals. Its booking is written next, which the entry then names."""
    standing, quote = row.haggle.standing, row.standing_quote or {}
    if standing is None:
        raise LookupError("nothing stands")
    batch.end(row, agreed, side, offer_status="accepted")
    entry: NewEntry = batch.emit(row, "offer.accepted", side, {})
    told = [batch.tell(row, OTHER[side], "offer.accepted", standing.amount)]
    agreement = Agreement(row, standing.id, standing.amount, quote, entry, told, answer)
    batch.draft.agreements.append(agreement)
    _take(batch, row)
    for rival, reason in list(batch.rivals_of(row)):
        batch.supersede(rival, reason)
    answer["seq"] = row.last_seq
