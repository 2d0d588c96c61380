"""An opening, or the first offer in a question, under the property's lock: terms are frozen, nights and limits checked."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.errors import Code, DomainError
from negotiation.engine.decide_agreement import answer_bid, check_free
from negotiation.engine.loaded import Ask, Counts, Row
from negotiation.engine.moves import MakeOffer, Open
from negotiation.engine.unit_of_work import Batch
from negotiation.events import opened_data
from negotiation.rules import automatic, opening
from negotiation.rules import transitions as rules
from negotiation.rules.automatic import AutoRules
from negotiation.rules.negotiation_state import OTHER
from properties.rules.menu import MealOrder
from properties.rules.terms import PropertyTerms, StayQuote, check_booking_type, quote_stay

Answer = dict[str, Any]


def open_negotiation(batch: Batch, move: Open, ask: Ask, answer: Answer) -> None:
    """A guest's first bid, or a question."""
    is_question = move.amount is None
    if is_question:
        opening.check_message_given(move.message)
    terms = opening.check_property(
        batch.facts.terms.get(move.property_id), guest_id=move.actor_id, is_question=is_question
    )
    stay = _quoted(batch, terms, move)
    question = _own_open(batch, move)
    if move.amount is not None:
        _check_limits(batch, move.actor_id, terms.id)
        opening.check_first_bid(move.amount, stay.quote.stay)
        check_free(batch, terms, move)
    row = question or _new_row(batch, move, ask, terms, stay)
    if question is not None:
        _refreeze(batch, row, move, terms, stay)
    else:
        _emit_opened(batch, row)
    if move.amount is not None:
        batch.place(
            row, "guest", offer_id=ask.new_offer_id, amount=move.amount, expires_in=move.expires_in,
            refrozen=question is not None,
        )  # fmt: skip
    if question is None:
        batch.tell(row, "host", "negotiation.opened")
    else:
        batch.tell(row, "host", "offer.made", move.amount)
    if move.message:
        batch.say(row, "guest", move.message, tell=question is not None)
    answer.update({"negotiation": row.id, "seq": row.last_seq})
    if move.amount is not None:
        answer_bid(batch, row, answer)


def first_offer(batch: Batch, move: MakeOffer, ask: Ask, answer: Answer) -> None:
    """The offer that turns a question into a haggle; it meets every check of opening, and freezes the terms anew."""
    row, side = batch.party(ask, move.actor_id)
    terms = opening.check_property(batch.facts.terms.get(row.property_id), guest_id=row.guest_id, is_question=False)
    stay = _requoted(batch, terms, row)
    if side == "guest":
        _check_limits(batch, row.guest_id, terms.id)
    frozen = _frozen(batch, row.guest_id, terms, stay, row)
    rules.check_concession(opening.fresh(stay.quote.stay, frozen), side, move.amount)
    check_free(batch, terms, row)
    _freeze_anew(row, terms, stay, frozen)
    offer = batch.place(
        row, side, offer_id=ask.new_offer_id, amount=move.amount, expires_in=move.expires_in, refrozen=True
    )
    batch.tell(row, OTHER[side], "offer.made", move.amount)
    if move.message:
        batch.say(row, side, move.message)
    answer.update({"negotiation": row.id, "offer": offer, "seq": row.last_seq})
    if side == "guest":
        answer_bid(batch, row, answer)


def _quoted(batch: Batch, terms: PropertyTerms, move: Open) -> StayQuote:
    fee, tax = batch.rates
    check_booking_type(terms, move.booking_type)
    opening.check_time_left(terms, move.start_date, batch.now)
    return quote_stay(
        terms,
        start_date=move.start_date,
        end_date=move.end_date,
        guests=move.guests,
        booking_type=move.booking_type,
        meals=move.meals,
        fee_percent=fee,
        tax_percent=tax,
        now=batch.now,
    )


def _requoted(batch: Batch, terms: PropertyTerms, row: Row) -> StayQuote:
    """The question's stay at today's terms."""
    meals = tuple(
        MealOrder(meal["kind"], meal["id"], meal["quantity"], meal["date"]) for meal in _dated(row.terms["meals"])
    )
    move = Open(
        actor_id=row.guest_id,
        property_id=row.property_id,
        start_date=row.start_date,
        end_date=row.end_date,
        guests=row.guests,
        booking_type=row.booking_type,
        meals=meals,
    )
    return _quoted(batch, terms, move)


def _dated(meals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**meal, "date": date.fromisoformat(meal["date"])} for meal in meals]


def _own_open(batch: Batch, move: Open) -> Row | None:
    """The guest's open question on the same nights, which a bid continues. Raises negotiation.already_open."""
    for row in batch.rows.values():
        if row.guest_id != move.actor_id or row.property_id != move.property_id:
            continue
        if not (row.start_date < move.end_date and move.start_date < row.end_date):
            continue
        batch.lapse(row)
        if row.haggle.status != "open":
            continue
        same = (row.start_date, row.end_date) == (move.start_date, move.end_date)
        if same and not row.has_offers and move.amount is not None:
            return row
        raise DomainError(
            Code.NEGOTIATION_ALREADY_OPEN,
            "You haggle over these nights already; go on there.",
            params={"negotiation": row.id},
        )
    return None


def _check_limits(batch: Batch, guest_id: int, property_id: int) -> None:
    counts = batch.facts.counts.get((guest_id, property_id), Counts())
    opening.check_counts(
        opened=counts.opened,
        first_opened_at=counts.first_opened_at,
        bids=counts.bids,
        first_bid_at=counts.first_bid_at,
        paused_until=counts.paused_until,
        factor=batch.factor,
        now=batch.now,
    )


def _new_row(batch: Batch, move: Open, ask: Ask, terms: PropertyTerms, stay: StayQuote) -> Row:
    frozen = _frozen(batch, move.actor_id, terms, stay, move)
    row = Row(
        id=ask.new_negotiation_id,
        property_id=terms.id,
        guest_id=move.actor_id,
        host_id=terms.host_id,
        start_date=move.start_date,
        end_date=move.end_date,
        guests=move.guests,
        booking_type=stay.booking_type,
        currency=terms.currency,
        terms=frozen,
        haggle=opening.fresh(stay.quote.stay, frozen),
        has_offers=False,
        last_seq=0,
        auto_decline_at=None,
        booking_id=None,
        listed=True,
        auto=AutoRules(terms.auto_accept_percent, terms.auto_decline_percent),
        standing_quote=None,
        updated_at=batch.now,
        is_new=True,
    )
    batch.rows[row.id] = row
    _count_opening(batch, move)
    return row


def _count_opening(batch: Batch, move: Open) -> None:
    """So that a second opening in the same batch sees the first."""
    if move.amount is None:
        return
    counts = batch.facts.counts.setdefault((move.actor_id, move.property_id), Counts())
    counts.opened += 1
    counts.bids += 1
    counts.first_opened_at = counts.first_opened_at or batch.now
    counts.first_bid_at = counts.first_bid_at or batch.now


def _frozen(batch: Batch, guest_id: int, terms: PropertyTerms, stay: StayQuote, nights: Row | Open) -> dict[str, Any]:
    return opening.freeze(
        terms,
        stay,
        start=nights.start_date,
        end=nights.end_date,
        names=(batch.facts.names.get(guest_id, ""), batch.facts.names.get(terms.host_id, "")),
        slack=automatic.draw_slack(batch.chance()),
        rates=batch.rates,
    )


def _refreeze(batch: Batch, row: Row, move: Open, terms: PropertyTerms, stay: StayQuote) -> None:
    row.guests, row.booking_type = move.guests, stay.booking_type
    _count_opening(batch, move)
    _freeze_anew(row, terms, stay, _frozen(batch, row.guest_id, terms, stay, row))


def _freeze_anew(row: Row, terms: PropertyTerms, stay: StayQuote, frozen: dict[str, Any]) -> None:
    row.terms = frozen
    row.haggle = opening.fresh(stay.quote.stay, frozen)
    row.auto = AutoRules(terms.auto_accept_percent, terms.auto_decline_percent)
    row.refrozen = True


def _emit_opened(batch: Batch, row: Row) -> None:
    data = opened_data(
        property_id=row.property_id,
        title=row.terms["title"],
        start_date=row.start_date,
        end_date=row.end_date,
        guests=row.guests,
        booking_type=row.booking_type,
        list_amount=row.haggle.list_amount,
        currency=row.currency,
    )
    batch.emit(row, "negotiation.opened", "guest", data)
