"""Decides each move on what was loaded: the rules judge, this file makes entries, offers and notifications of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from accounts.rules import check_no_block
from core.errors import Code, DomainError, not_found
from core.limits import scaled
from core.said import as_said, said
from core.values import value
from negotiation.engine import decide_agreement, decide_limits, decide_mandates, decide_opening
from negotiation.engine.draft import NewOutcome
from negotiation.engine.loaded import Lookup, NeedsProperty
from negotiation.engine.outcomes import Answer, Outcome
from negotiation.engine.payable import check_offer_payable
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.moves import (
    Accept,
    AutoDecline,
    CloseQuestion,
    Decline,
    Expire,
    Extend,
    MakeOffer,
    MakeOfferDeep,
    Move,
    NotifyExpiring,
    OnOffer,
    Open,
    Seal,
    SendMessage,
    Unreadable,
    Unseal,
    Withdraw,
)
from negotiation.records import NegotiationRecord
from negotiation.rules import automatic
from negotiation.rules import transitions as rules
from negotiation.rules.automatic import BIDS_COUNTED_ALONE
from negotiation.rules.negotiation_state import OTHER, Side
from negotiation.rules.opening import check_bids


@value()
class Verdict:
    """The outcome of a move, before its booking is written: the id of the booking is still missing."""

    move: Move
    outcome: Outcome
    # The negotiation whose booking the outcome has to name.
    agreed_in: NegotiationRecord | None = None
    # False where there is no new outcome: for a repeat, or a command that runs elsewhere.
    is_new: bool = True


def decide(work: UnitOfWork, move: Move, lookup: Lookup) -> Verdict:
    """Decides `move`; a refusal is an outcome too. Raises NeedsProperty where the property must be locked."""
    try:
        decide_mandates.take_up(work, move)
    except DomainError as error:
        return Verdict(move, Outcome.refused(error), is_new=False)
    if not lookup.key_is_free:
        return Verdict(move, Outcome(busy=True), is_new=False)
    if lookup.stored is not None:
        return Verdict(move, _repeated(move, lookup, lookup.stored), is_new=False)
    before = len(work.draft.entries)
    try:
        answer = DECIDERS[type(move)](work, move, lookup)
    except DomainError as error:
        decide_mandates.log_refusal(work, move, lookup, error)
        return _refused(move, error, lookup.record)
    decide_mandates.log_entries(work, move, before)
    agreed_in = work.records[answer.negotiation] if answer.agreed else None
    return Verdict(move, Outcome(kind=move.kind, answer=answer), agreed_in)


def settle(work: UnitOfWork, verdict: Verdict) -> Outcome:
    """Returns the outcome with the id of the booking, which is written by now; drafts what a repeat will get."""
    outcome, move = verdict.outcome, verdict.move
    if verdict.agreed_in is not None and outcome.answer is not None:
        outcome = replace(outcome, answer=replace(outcome.answer, booking=verdict.agreed_in.booking_id))
    elif verdict.agreed_in is not None and outcome.error is not None:
        outcome.error.params["booking"] = verdict.agreed_in.booking_id
    if verdict.is_new and move.key is not None and (outcome.error is None or outcome.error.is_stored):
        work.draft.outcomes.append(NewOutcome(move.actor_id, move.key, move.fingerprint, outcome.stored, work.now))
    return outcome


def _repeated(move: Move, lookup: Lookup, stored: dict[str, Any]) -> Outcome:
    if lookup.stored_fingerprint != move.fingerprint:
        reused = said("This id was sent before, with other content; take a new one.")
        return Outcome.refused(DomainError(Code.COMMAND_ID_REUSED, reused))
    return Outcome.repeated(stored)


def _refused(move: Move, error: DomainError, record: NegotiationRecord | None) -> Verdict:
    """Returns the refusal, with the objects that the protocol promises in the params of its code."""
    agreed_in = None
    if record is not None and error.code == Code.OFFER_STALE:
        error.params["offer"] = record.standing.body() if record.standing else None
    if record is not None and error.code == Code.NEGOTIATION_CLOSED and record.status == "accepted":
        agreed_in = record
    return Verdict(move, Outcome.refused(error), agreed_in)


def _done(record: NegotiationRecord, **more: Any) -> Answer:
    """Returns the answer of a move whose last entry is the last of the log."""
    return Answer(negotiation=record.id, seq=record.last_seq, **more)


def _make(work: UnitOfWork, move: MakeOffer, lookup: Lookup) -> Answer:
    record, side = work.party(lookup, move.actor_id)
    if move.side is not None and move.side != side:
        raise DomainError(Code.NOT_ALLOWED, said("This address is the %(side)s's.", side=as_said(move.side)))
    work.expire(record)
    rules.check_turn(record.haggle, side)
    if not work.deep and (not record.is_frozen or (side == "guest" and _is_weighty(work, move, record, lookup))):
        raise NeedsProperty
    if not record.is_frozen:
        return decide_opening.first_offer(work, move, lookup)
    if side == "guest" and record.guest_opened_at is None:
        decide_opening.check_limits(work, record.guest_id, record.property_id)
    elif side == "guest":
        check_bids(bids=lookup.bids, first_bid_at=lookup.first_bid_at, factor=work.factor, now=work.now)
    rules.check_concession(record.haggle, side, move.amount)
    quote = check_offer_payable(record.terms, move.amount, record.currency)
    decide_mandates.check_answer(work, record, "offer", move.amount)
    decide_agreement.check_nights(work, record, gone=lookup.nights_gone)
    offer = work.place(record, side, offer_id=lookup.new_offer_id, quote=quote, expires_in=move.expires_in)
    work.notify(record, OTHER[side], "offer.made", move.amount)
    if move.message:
        work.say(record, side, move.message)
    answer = _done(record, offer=offer)
    return decide_agreement.answer_bid(work, record, answer) if side == "guest" else answer


def _is_weighty(work: UnitOfWork, move: MakeOffer, record: NegotiationRecord, lookup: Lookup) -> bool:
    """Whether a bid has to be judged under the property's lock.

    This holds for a bid that the host's rule accepts; for the guest's first bid in a negotiation, which counts as an opening;
    for the last bids of the day; and for a bid while the guest has other open negotiations on the property, since two at
    once would be counted without each other. A bid that the host's rule does not accept is handled like every other bid, so
    that neither its response time nor its id reveals a rule.
    """
    if record.guest_opened_at is None or lookup.other_rooms or lookup.bids >= scaled(BIDS_COUNTED_ALONE, work.factor):
        return True
    return automatic.accepts(record.auto, amount=move.amount, list_amount=record.haggle.list_amount)


def _named(lookup: Lookup, move: OnOffer, record: NegotiationRecord) -> int:
    """Returns the id of the offer that the move is about. Raises not_found where this negotiation has no such offer."""
    if move.offer_id is None:
        if record.haggle.standing is None and record.status == "open":
            raise not_found()
        return record.haggle.standing.id if record.haggle.standing else 0
    if lookup.named_by is None:
        raise not_found()
    return move.offer_id


def _standing_by(record: NegotiationRecord) -> Side | None:
    return record.haggle.standing.by if record.haggle.standing else None


def _on_offer(work: UnitOfWork, move: OnOffer, lookup: Lookup) -> tuple[NegotiationRecord, Side, int]:
    record, side = work.party(lookup, move.actor_id)
    offer_id = _named(lookup, move, record)
    if isinstance(move, Withdraw) and (lookup.named_by or _standing_by(record) or side) != side:
        raise DomainError(Code.NOT_ALLOWED, "Only the side that made an offer may withdraw it.")
    work.expire(record)
    return record, side, offer_id


def _accept(work: UnitOfWork, move: Accept, lookup: Lookup) -> Answer:
    record, side, offer_id = _on_offer(work, move, lookup)
    if move.lenient and record.status == "accepted":
        return _done(record, agreed=True)
    agreed = rules.accept_offer(record.haggle, side, offer_id=offer_id)
    decide_mandates.check_answer(work, record, "agreed", record.offer_on_table().amount)
    decide_agreement.check_agreeable(work, record)
    agreement = decide_agreement.agree(work, record, side, agreed)
    decide_mandates.note_agreed(work, agreement, accepted=True)
    return _done(record, agreed=True)


def _decline(work: UnitOfWork, move: Decline, lookup: Lookup) -> Answer:
    record, side, offer_id = _on_offer(work, move, lookup)
    haggle = rules.decline_offer(record.haggle, side, offer_id=offer_id)
    decide_mandates.check_stay(work, record)
    work.end(record, haggle, side, offer_status="declined")
    work.emit(record, "offer.declined", side, {"offer": offer_id, "reason": move.reason or ""})
    work.notify(record, OTHER[side], "offer.declined")
    return _done(record)


def _withdraw(work: UnitOfWork, move: Withdraw, lookup: Lookup) -> Answer:
    record, side, offer_id = _on_offer(work, move, lookup)
    haggle = rules.withdraw_offer(record.haggle, side, offer_id=offer_id)
    decide_mandates.check_stay(work, record)
    work.end(record, haggle, side, offer_status="withdrawn")
    work.emit(record, "offer.withdrawn", side, {"offer": offer_id})
    work.notify(record, OTHER[side], "offer.withdrawn")
    return _done(record)


def _extend(work: UnitOfWork, move: Extend, lookup: Lookup) -> Answer:
    record, side, offer_id = _on_offer(work, move, lookup)
    haggle = rules.extend_offer(record.haggle, side, offer_id=offer_id, expires_in=move.expires_in, now=work.now)
    decide_mandates.check_stay(work, record)
    record.haggle = haggle
    record.auto_decline_at = record.expiring_offer_id = None
    work.change_offer(offer_id, "standing", record.haggle.expires_at)
    offer = record.offer_on_table().body()
    work.emit(record, "offer.extended", side, {"offer": offer})
    work.notify(record, OTHER[side], "offer.extended")
    return _done(record, offer=offer)


def _message(work: UnitOfWork, move: SendMessage, lookup: Lookup) -> Answer:
    record, side = work.party(lookup, move.actor_id)
    work.expire(record)
    rules.check_message(record.haggle, work.now, stay_ends_at=lookup.stay_ends_at)
    check_no_block(lookup.blockers, move.actor_id)
    decide_mandates.check_stay(work, record)
    work.say(record, side, move.text)
    return _done(record)


def _close(work: UnitOfWork, move: CloseQuestion, lookup: Lookup) -> Answer:
    record, side = work.party(lookup, move.actor_id)
    work.expire(record)
    haggle = rules.close_question(record.haggle)
    decide_mandates.check_stay(work, record)
    work.end(record, haggle, side, offer_status="closed")
    work.emit(record, "negotiation.closed", side, {})
    work.notify(record, OTHER[side], "negotiation.closed")
    return _done(record)


def _by_clock(work: UnitOfWork, lookup: Lookup) -> NegotiationRecord:
    """Returns the negotiation of a move that the clock makes, and ends it first where its time is over."""
    if lookup.record is None:
        raise not_found()
    work.expire(lookup.record)
    return lookup.record


def _expire(work: UnitOfWork, move: Expire, lookup: Lookup) -> Answer:
    return _done(_by_clock(work, lookup))


def _auto_decline(work: UnitOfWork, move: AutoDecline, lookup: Lookup) -> Answer:
    record = _by_clock(work, lookup)
    standing, due = record.haggle.standing, record.auto_decline_at
    if due is not None and due <= work.now and standing and standing.by == "guest":
        haggle, via = rules.decline_offer(record.haggle, "host", offer_id=standing.id), standing.via
        work.end(record, haggle, "rule", offer_status="declined")
        work.look_up(record, "host")
        work.emit(record, "offer.declined", "host", {"offer": standing.id, "reason": ""}, at=due)
        work.notify(record, "guest", "offer.declined", at=due)
        work.notify(record, "host", "offer.declined", because="rule", at=due, via=via)
    return _done(record)


def _notify_expiring(work: UnitOfWork, move: NotifyExpiring, lookup: Lookup) -> Answer:
    record = _by_clock(work, lookup)
    standing = record.haggle.standing
    if standing is not None and record.expiring_offer_id != standing.id:
        record.expiring_offer_id = standing.id
        work.draft.negotiations[record.id] = record
        work.notify_both(record, "offer.expiring")
    return _done(record)


def _unreadable(work: UnitOfWork, move: Unreadable, lookup: Lookup) -> Answer:
    raise move.error


DECIDERS: dict[type[Move], Callable[..., Answer]] = {
    Open: decide_opening.open_negotiation,
    MakeOffer: _make,
    MakeOfferDeep: _make,
    Accept: _accept,
    Decline: _decline,
    Withdraw: _withdraw,
    Extend: _extend,
    Seal: decide_limits.seal_limit,
    Unseal: decide_limits.unseal_limit,
    SendMessage: _message,
    CloseQuestion: _close,
    Expire: _expire,
    AutoDecline: _auto_decline,
    NotifyExpiring: _notify_expiring,
    Unreadable: _unreadable,
}
