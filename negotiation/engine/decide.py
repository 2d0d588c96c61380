"""Each move, decided on what was loaded. The rules judge; here their verdict becomes entries, offers and notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import Code, DomainError, not_found
from negotiation.engine import decide_agreement, decide_opening
from negotiation.engine.loaded import Ask, NeedsProperty, Row
from negotiation.engine.moves import (
    Accept,
    AutoDecline,
    CloseQuestion,
    Decline,
    Extend,
    Lapse,
    MakeOffer,
    MakeOfferDeep,
    Move,
    OnOffer,
    Open,
    Outcome,
    SendMessage,
    ToldExpiring,
    Unreadable,
    Withdraw,
)
from negotiation.engine.unit_of_work import Batch
from negotiation.rules import transitions as rules
from negotiation.rules.automatic import BIDS_COUNTED_ALONE
from negotiation.rules.negotiation_state import OTHER, Side
from negotiation.rules.opening import check_bids

Answer = dict[str, Any]


def decide(batch: Batch, move: Move, ask: Ask) -> Outcome:
    """What `move` comes to; a refusal is an outcome too. Raises NeedsProperty where the property must be locked."""
    if not ask.key_is_free:
        return Outcome({}, busy=True)
    if ask.stored is not None:
        if ask.stored_fingerprint != move.fingerprint:
            reused = DomainError(Code.COMMAND_ID_REUSED, "This id was sent before, with other content; take a new one.")
            return Outcome.refused(reused)
        return Outcome(ask.stored, replayed=True)
    try:
        answer: Answer = {"type": move.kind}
        DECIDERS[type(move)](batch, move, ask, answer)
        outcome = Outcome(answer)
    except DomainError as error:
        outcome = Outcome.refused(_enriched(batch, error, ask.row))
    if move.key is not None and (outcome.error is None or outcome.error.is_stored):
        batch.draft.outcomes.append((move.actor_id, move.key, move.fingerprint, outcome.stored))
    return outcome


def _enriched(batch: Batch, error: DomainError, row: Row | None) -> DomainError:
    """The refusal with the objects that its params promise."""
    if row is not None and error.code == Code.OFFER_STALE:
        error.params["offer"] = batch.standing_body(row) if row.haggle.standing else None
    if row is not None and error.code == Code.NEGOTIATION_CLOSED and row.haggle.status == "accepted":
        error.params["booking"] = row.booking_id
        # Agreed in this very batch: the booking has no number yet.
        for agreement in batch.draft.agreements:
            if agreement.row is row:
                agreement.refusals.append(error.params)
    return error


def _make(batch: Batch, move: MakeOffer, ask: Ask, answer: Answer) -> None:
    row, side = batch.party(ask, move.actor_id)
    if move.side is not None and move.side != side:
        raise DomainError(Code.NOT_ALLOWED, f"This address is the {move.side}'s.")
    batch.lapse(row)
    rules.check_turn(row.haggle, side)
    if not batch.deep and (not row.has_offers or (side == "guest" and _is_weighty(batch, row, ask))):
        raise NeedsProperty
    if not row.has_offers:
        decide_opening.first_offer(batch, move, ask, answer)
        return
    if side == "guest":
        check_bids(bids=ask.bids, first_bid_at=ask.first_bid_at, factor=batch.factor, now=batch.now)
    rules.check_concession(row.haggle, side, move.amount)
    offer = batch.place(row, side, offer_id=ask.new_offer_id, amount=move.amount, expires_in=move.expires_in)
    batch.tell(row, OTHER[side], "offer.made", move.amount)
    if move.message:
        batch.say(row, side, move.message)
    answer.update({"negotiation": row.id, "offer": offer, "seq": row.last_seq})
    if side == "guest":
        decide_agreement.answer_bid(batch, row, answer)


def _is_weighty(batch: Batch, row: Row, ask: Ask) -> bool:
    """Whether a bid may be accepted at once, or is one of the last of its day."""
    return row.auto.accept_percent is not None or ask.bids >= BIDS_COUNTED_ALONE * batch.factor


def _named(ask: Ask, move: OnOffer, row: Row) -> int:
    """The offer that the move is about; not_found where the id is of no offer of this negotiation."""
    if move.offer_id is None:
        if row.haggle.standing is None and row.haggle.status == "open":
            raise not_found()
        return row.haggle.standing.id if row.haggle.standing else 0
    if ask.named_by is None:
        raise not_found()
    return move.offer_id


def _standing_by(row: Row) -> Side | None:
    return row.haggle.standing.by if row.haggle.standing else None


def _on_offer(batch: Batch, move: OnOffer, ask: Ask) -> tuple[Row, Side, int]:
    row, side = batch.party(ask, move.actor_id)
    offer_id = _named(ask, move, row)
    if isinstance(move, Withdraw) and (ask.named_by or _standing_by(row) or side) != side:
        raise DomainError(Code.NOT_ALLOWED, "Only the side that made an offer may withdraw it.")
    batch.lapse(row)
    return row, side, offer_id


def _accept(batch: Batch, move: Accept, ask: Ask, answer: Answer) -> None:
    row, side, offer_id = _on_offer(batch, move, ask)
    if move.lenient and row.haggle.status == "accepted":
        answer.update({"negotiation": row.id, "booking": row.booking_id, "seq": row.last_seq})
        return
    agreed = rules.accept_offer(row.haggle, side, offer_id=offer_id)
    decide_agreement.check_agreeable(batch, row)
    answer["negotiation"] = row.id
    decide_agreement.agree(batch, row, side, agreed, answer)


def _decline(batch: Batch, move: Decline, ask: Ask, answer: Answer) -> None:
    row, side, offer_id = _on_offer(batch, move, ask)
    haggle = rules.decline_offer(row.haggle, side, offer_id=offer_id)
    batch.end(row, haggle, side, offer_status="declined")
    batch.emit(row, "offer.declined", side, {"offer": offer_id, "reason": move.reason or ""})
    batch.tell(row, OTHER[side], "offer.declined")
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _withdraw(batch: Batch, move: Withdraw, ask: Ask, answer: Answer) -> None:
    row, side, offer_id = _on_offer(batch, move, ask)
    haggle = rules.withdraw_offer(row.haggle, side, offer_id=offer_id)
    batch.end(row, haggle, side, offer_status="withdrawn")
    batch.emit(row, "offer.withdrawn", side, {"offer": offer_id})
    batch.tell(row, OTHER[side], "offer.withdrawn")
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _extend(batch: Batch, move: Extend, ask: Ask, answer: Answer) -> None:
    row, side, offer_id = _on_offer(batch, move, ask)
    row.haggle = rules.extend_offer(row.haggle, side, offer_id=offer_id, expires_in=move.expires_in, now=batch.now)
    row.auto_decline_at = row.expiring_offer_id = None
    batch.change_offer(offer_id, "standing", row.haggle.expires_at)
    offer = batch.standing_body(row)
    batch.emit(row, "offer.extended", side, {"offer": offer})
    batch.tell(row, OTHER[side], "offer.extended")
    answer.update({"negotiation": row.id, "offer": offer, "seq": row.last_seq})


def _message(batch: Batch, move: SendMessage, ask: Ask, answer: Answer) -> None:
    row, side = batch.party(ask, move.actor_id)
    batch.lapse(row)
    rules.check_message(row.haggle, batch.now)
    batch.say(row, side, move.text)
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _close(batch: Batch, move: CloseQuestion, ask: Ask, answer: Answer) -> None:
    row, side = batch.party(ask, move.actor_id)
    batch.lapse(row)
    batch.end(row, rules.close_question(row.haggle), side, offer_status="closed")
    batch.emit(row, "negotiation.closed", side, {})
    batch.tell(row, OTHER[side], "negotiation.closed")
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _lapse(batch: Batch, move: Lapse, ask: Ask, answer: Answer) -> None:
    if ask.row is None:
        raise not_found()
    batch.lapse(ask.row)
    answer.update({"negotiation": ask.row.id, "seq": ask.row.last_seq})


def _auto_decline(batch: Batch, move: AutoDecline, ask: Ask, answer: Answer) -> None:
    row = ask.row
    if row is None:
        raise not_found()
    batch.lapse(row)
    standing = row.haggle.standing
    if row.auto_decline_at is not None and row.auto_decline_at <= batch.now and standing and standing.by == "guest":
        haggle = rules.decline_offer(row.haggle, "host", offer_id=standing.id)
        batch.end(row, haggle, "rule", offer_status="declined")
        batch.emit(row, "offer.declined", "host", {"offer": standing.id, "reason": ""})
        batch.tell(row, "guest", "offer.declined")
        batch.tell(row, "host", "offer.declined", because="rule")
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _told_expiring(batch: Batch, move: ToldExpiring, ask: Ask, answer: Answer) -> None:
    row = ask.row
    if row is None:
        raise not_found()
    batch.lapse(row)
    standing = row.haggle.standing
    if standing is not None and row.expiring_offer_id != standing.id:
        row.expiring_offer_id = standing.id
        batch.draft.rows[row.id] = row
        batch.tell_both(row, "offer.expiring")
    answer.update({"negotiation": row.id, "seq": row.last_seq})


def _unreadable(batch: Batch, move: Unreadable, ask: Ask, answer: Answer) -> None:
    raise move.error


DECIDERS: dict[type[Move], Callable[..., None]] = {
    Open: decide_opening.open_negotiation,
    MakeOffer: _make,
    MakeOfferDeep: _make,
    Accept: _accept,
    Decline: _decline,
    Withdraw: _withdraw,
    Extend: _extend,
    SendMessage: _message,
    CloseQuestion: _close,
    Lapse: _lapse,
    AutoDecline: _auto_decline,
    ToldExpiring: _told_expiring,
    Unreadable: _unreadable,
}
