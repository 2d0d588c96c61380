"""Decides whether a machine's move stays within its mandate, on what was read under the mandate's own lock.

A move that people make themselves passes all of these checks. What a machine's move commits its person to is recorded
as the machine's stake.
"""

from __future__ import annotations

from decimal import Decimal

from core.errors import Code, DomainError
from core.said import said
from negotiation.engine.draft import Agreement, NewMandateMove
from negotiation.engine.loaded import Lookup, StakeKind
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.moves import MakeOffer, Move, Open, Unreadable
from negotiation.records import NegotiationRecord
from negotiation.rules import mandates
from negotiation.rules.terms import Terms
from properties.rules.terms import PropertyTerms

GUESTS_ONLY = said("The mandate is for the host's side; only a guest opens.")


def take_up(work: UnitOfWork, move: Move) -> None:
    """Starts a move: the machine of the mandate that `move` names makes it, or a person where it names none.

    Raises auth.required where the mandate has ended, was changed, or belongs to another user.
    """
    work.machine.take_up(None, ())
    if move.mandate_id is None:
        return
    held = work.machine.mandates.get(move.mandate_id)
    if held is None or held.terms.user_id != move.actor_id or not held.terms.is_live(work.now):
        raise DomainError(Code.AUTH_REQUIRED, "This mandate has ended, or was changed; sign in again.")
    work.machine.take_up(held, _needed(move))


def _needed(move: Move) -> list[str]:
    message = isinstance(move, MakeOffer | Open) and bool(move.message)
    if isinstance(move, Open):
        bids, seals = move.amount is not None, move.limit is not None
        return mandates.needs(move.kind, amount=bids, limit=seals, message=message)
    return mandates.needs(move.kind, message=message) if move.kind in mandates.NEEDS else []


def check_opening(work: UnitOfWork, move: Open, terms: PropertyTerms) -> None:
    """Raises not_allowed where the machine may not open a negotiation on this property at all."""
    if work.machine.held is not None and work.machine.held.terms.side != "guest":
        raise DomainError(Code.NOT_ALLOWED, GUESTS_ONLY)
    work.machine.let_in(terms.id, "guest")


def check_stay(work: UnitOfWork, stay: NegotiationRecord | Open) -> None:
    """Raises mandate.exceeded for a property or for dates that the mandate does not name."""
    if work.machine.held is not None:
        dates = {"start_date": stay.start_date, "end_date": stay.end_date}
        mandates.check_stay(work.machine.held.terms, property_id=stay.property_id, **dates)


def check_opened(work: UnitOfWork, move: Open, *, is_new: bool) -> None:
    """Raises mandate.exceeded for a property or for dates that the mandate does not name, and where the machine would
    have more open negotiations than the mandate allows."""
    check_stay(work, move)
    if work.machine.held is not None and is_new:
        mandates.check_openings(work.machine.held.terms, len(work.machine.held.opened))


def check_figure(
    work: UnitOfWork,
    stay: NegotiationRecord | Open,
    kind: StakeKind,
    amount: Decimal,
    *,
    terms: Terms,
    list_amount: Decimal,
    negotiation_id: int,
) -> None:
    """Raises mandate.exceeded where `amount`, the price of the stay at `terms`, goes beyond a limit of the mandate."""
    held = work.machine.held
    if held is None:
        return
    check_stay(work, stay)
    currency = str(terms.list_quote["currency"])
    mandates.check_price(held.terms, amount=amount, list_amount=list_amount, currency=currency)
    elsewhere = mandates.total_of(held.stakes, without=negotiation_id)
    total = max([terms.quote(amount, currency).total, *held.beside(negotiation_id, kind)])
    mandates.check_total(held.terms, elsewhere=elsewhere, total=total)


def check_answer(work: UnitOfWork, record: NegotiationRecord, kind: StakeKind, amount: Decimal) -> None:
    """Runs `check_figure` in a negotiation that has frozen terms. Raises mandate.exceeded."""
    list_amount = record.haggle.list_amount
    check_figure(work, record, kind, amount, terms=record.terms, list_amount=list_amount, negotiation_id=record.id)


def check_opening_figures(work: UnitOfWork, move: Open, terms: Terms, list_amount: Decimal, question: int) -> None:
    """Runs `check_figure` for the bid and the limit of an opening. Raises mandate.exceeded.

    `question` is the id of the guest's own question that the opening continues, 0 without one.
    """
    figures: tuple[tuple[StakeKind, Decimal | None], ...] = (("offer", move.amount), ("limit", move.limit))
    for kind, amount in figures:
        if amount is not None:
            check_figure(work, move, kind, amount, terms=terms, list_amount=list_amount, negotiation_id=question)


def note_agreed(work: UnitOfWork, agreement: Agreement, *, accepted: bool = False) -> None:
    """Records what the machine agreed to, also for the later moves. `accepted`: it accepted an offer of the other side."""
    if work.machine.side is None:
        return
    record, offer = agreement.record, agreement.offer
    work.machine.stake(work.draft, record.id, **({"accepted_offer_id": offer.id} if accepted else {}))
    work.machine.bind(record.id, "agreed", record.terms.quote(offer.amount, record.currency).total)


def log_entries(work: UnitOfWork, move: Move, before: int) -> None:
    """Logs a line for each entry that the machine made with this move, for the machine's person to read."""
    if move.mandate_id is None:
        return
    for entry in work.draft.entries[before:]:
        if work.machine.via(entry.actor):
            id, seq = entry.negotiation_id, entry.seq
            line = NewMandateMove(mandate_id=move.mandate_id, negotiation_id=id, kind=move.kind, seq=seq, at=entry.at)
            work.draft.mandate_moves.append(line)


def log_refusal(work: UnitOfWork, move: Move, lookup: Lookup, error: DomainError) -> None:
    """Logs a line for the machine's person: what the machine tried, and why it was refused."""
    if move.mandate_id is None or not error.is_stored:
        return
    known = lookup.record is not None and error.code != Code.NOT_FOUND
    line = NewMandateMove(
        mandate_id=move.mandate_id,
        negotiation_id=lookup.record.id if known and lookup.record else None,
        kind=move.asked_kind if isinstance(move, Unreadable) else move.kind,
        code=error.code,
        limit=str(error.params.get("limit", "")) if error.code == Code.MANDATE_EXCEEDED else "",
        at=work.now,
    )
    work.draft.mandate_moves.append(line)
