"""Decides an opening or a question's first offer under the property's lock: checks nights and limits, freezes terms."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

from core.api.quotas import QUOTAS, used_up
from core.errors import Code, DomainError
from core.limits import scaled
from core.values import value
from negotiation.engine import decide_mandates
from negotiation.engine.decide_agreement import answer_bid, check_free
from negotiation.engine.loaded import Counts, Lookup, StakeKind
from negotiation.engine.outcomes import Answer
from negotiation.engine.payable import check_bid_payable, check_offer_payable
from negotiation.engine.quoting import quoted, requoted
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.events import opened_data
from negotiation.moves import MakeOffer, Open
from negotiation.records import NegotiationRecord
from negotiation.rules import automatic, limits, opening
from negotiation.rules import transitions as rules
from negotiation.rules.automatic import AutoRules
from negotiation.rules.negotiation_state import OTHER, Haggle
from negotiation.rules.terms import Terms
from properties.rules import trial
from properties.rules.terms import PropertyTerms, StayQuote


def open_negotiation(work: UnitOfWork, move: Open, lookup: Lookup) -> Answer:
    """Opens a negotiation with a guest's bid, sealed limit or question, or continues the guest's own question."""
    if move.is_question:
        opening.check_message_given(move.message)
    terms = opening.check_property(
        work.facts.terms.get(move.property_id),
        guest_id=move.actor_id,
        is_question=move.is_question,
        blocks=work.facts.blocks,
    )
    decide_mandates.check_opening(work, move, terms)
    stay = quoted(work, terms, move)
    question = _own_open(work, move)
    if not move.is_question:
        check_limits(work, move.actor_id, terms.id)
        _check_first_figures(work, move, terms, stay)
    decide_mandates.check_opened(work, move, is_new=question is None)
    if not move.is_question:
        _check_mandate(work, move, terms, stay, question.id if question else 0)
        check_free(work, terms, move)
    if question is None:
        if move.is_question:
            _check_questions(work, move)
        record = _new_record(work, move, lookup, terms, stay)
        work.machine.stake(work.draft, record.id, opened=True)
        _emit_opened(work, record)
    else:
        record = _refreeze(work, question, move, terms, stay)
    return _say_what_opens(work, move, lookup, record, is_new=question is None)


def _check_questions(work: UnitOfWork, move: Open) -> None:
    """Counts a question. Raises rate_limited after 100 questions in 24 hours, on all properties together."""
    work.facts.counts.setdefault((move.actor_id, move.property_id), Counts())
    mine = [counts for (guest, _), counts in work.facts.counts.items() if guest == move.actor_id]
    asked = max(counts.questions for counts in mine)
    first = min((counts.first_question_at for counts in mine if counts.first_question_at), default=work.now)
    if asked >= scaled(QUOTAS["questions"].a_day, work.factor):
        raise used_up("questions", max(1, math.ceil((first + opening.DAY - work.now).total_seconds())))
    for counts in mine:
        counts.questions, counts.first_question_at = asked + 1, first


def _check_first_figures(work: UnitOfWork, move: Open, terms: PropertyTerms, stay: StayQuote) -> None:
    """Checks an opening's bid and limit. Raises offer.limit_reached, offer.not_a_concession, stay.not_payable."""
    if move.limit is not None:
        regret = work.facts.regrets.get((move.actor_id, terms.host_id))
        limits.check_regrets(paused_until=regret, now=work.now)
    if move.amount is not None:
        opening.check_first_bid(move.amount, stay.quote.stay)
        check_bid_payable(stay.quote, move.amount, work.rates)
    if move.limit is not None:
        frozen = opening.fresh(stay.quote.stay, _frozen(work, terms, stay, move))
        limits.check_bounds(replace(frozen, last_bid=move.amount), "guest", move.limit)
        check_bid_payable(stay.quote, move.limit, work.rates)


def _check_mandate(work: UnitOfWork, move: Open, terms: PropertyTerms, stay: StayQuote, question: int) -> None:
    """Raises mandate.exceeded where a machine's bid or limit goes further than it may."""
    if work.machine.held is not None:
        frozen = _frozen(work, terms, stay, move)
        decide_mandates.check_opening_figures(work, move, frozen, stay.quote.stay, question)


def check_first_figure(
    work: UnitOfWork, record: NegotiationRecord, kind: StakeKind, amount: Decimal, price: FirstPrice
) -> None:
    """Raises mandate.exceeded where a machine's first figure in a question goes further than it may."""
    terms, list_amount = price.frozen, price.stay.quote.stay
    decide_mandates.check_figure(
        work, record, kind, amount, terms=terms, list_amount=list_amount, negotiation_id=record.id
    )


def _say_what_opens(work: UnitOfWork, move: Open, lookup: Lookup, record: NegotiationRecord, *, is_new: bool) -> Answer:
    """Writes the first bid, the limit and the message. The host gets one notification for all of them together."""
    after = 0 if is_new else record.last_seq
    if move.amount is not None:
        work.place(
            record, "guest", offer_id=lookup.new_offer_id, quote=record.terms.quote(move.amount, record.currency),
            expires_in=move.expires_in, refrozen=not is_new,
        )  # fmt: skip
    if move.limit is not None:
        refrozen = not is_new and move.amount is None
        work.seal(record, "guest", amount=move.limit, expires_in=move.expires_in, refrozen=refrozen)
    if is_new:
        work.notify(record, "host", "negotiation.opened")
    elif move.amount is not None:
        work.notify(record, "host", "offer.made", move.amount)
    else:
        work.notify(record, "host", "limit.sealed")
    if move.message:
        work.say(record, "guest", move.message, notify=not is_new)
    answer = Answer(negotiation=record.id, seq=record.last_seq, after=after)
    return answer if move.amount is None else answer_bid(work, record, answer)


def first_offer(work: UnitOfWork, move: MakeOffer, lookup: Lookup) -> Answer:
    """Makes the first offer in a question: it passes every check of an opening, and freezes the terms of today."""
    record, side = work.party(lookup, move.actor_id)
    price = weigh_first_price(work, record)
    if side == "guest":
        check_limits(work, record.guest_id, price.terms.id)
    rules.check_concession(price.haggle, side, move.amount)
    quote = check_offer_payable(price.frozen, move.amount, record.currency)
    check_first_figure(work, record, "offer", move.amount, price)
    check_free(work, price.terms, record)
    freeze_anew(record, price)
    offer = work.place(
        record, side, offer_id=lookup.new_offer_id, quote=quote, expires_in=move.expires_in, refrozen=True
    )
    work.notify(record, OTHER[side], "offer.made", move.amount)
    if move.message:
        work.say(record, side, move.message)
    answer = Answer(negotiation=record.id, seq=record.last_seq, offer=offer)
    return answer_bid(work, record, answer) if side == "guest" else answer


@value()
class FirstPrice:
    """The stay at today's terms. They judge the first figure in a question, and that figure then freezes them."""

    terms: PropertyTerms
    stay: StayQuote
    frozen: Terms
    # The name of the trial's arm that the property is in; "" without one.
    arm: str

    @property
    def haggle(self) -> Haggle:
        """The state of the negotiation just before the first figure."""
        return opening.fresh(self.stay.quote.stay, self.frozen)


def weigh_first_price(work: UnitOfWork, record: NegotiationRecord) -> FirstPrice:
    """Quotes a question's stay at today's terms. Raises property.not_listed, negotiation.not_offered, dates.invalid."""
    terms = opening.check_property(
        work.facts.terms.get(record.property_id), guest_id=record.guest_id, is_question=False
    )
    stay = requoted(work, terms, record)
    return FirstPrice(terms, stay, _frozen(work, terms, stay, record), _arm_name(work, terms))


def _own_open(work: UnitOfWork, move: Open) -> NegotiationRecord | None:
    """Returns the guest's open question on the same nights, which a bid or a limit continues.

    Raises negotiation.already_open for any other open negotiation of the guest that shares a night.
    """
    for record in work.records.values():
        if record.guest_id != move.actor_id or record.property_id != move.property_id:
            continue
        if not (record.start_date < move.end_date and move.start_date < record.end_date):
            continue
        work.expire(record)
        if record.status != "open":
            continue
        same = (record.start_date, record.end_date) == (move.start_date, move.end_date)
        if same and not record.is_frozen and not move.is_question:
            return record
        raise DomainError(
            Code.NEGOTIATION_ALREADY_OPEN,
            "You haggle over these nights already; go on there.",
            params={"negotiation": record.id},
        )
    return None


def check_limits(work: UnitOfWork, guest_id: int, property_id: int) -> None:
    """Raises offer.limit_reached where the guest has no opening or bid left on the property today, or is paused there."""
    counts = work.facts.counts.get((guest_id, property_id), Counts())
    opening.check_counts(
        opened=counts.opened,
        first_opened_at=counts.first_opened_at,
        bids=counts.bids,
        first_bid_at=counts.first_bid_at,
        paused_until=counts.paused_until,
        factor=work.factor,
        now=work.now,
    )


def _new_record(
    work: UnitOfWork, move: Open, lookup: Lookup, terms: PropertyTerms, stay: StayQuote
) -> NegotiationRecord:
    frozen = _frozen(work, terms, stay, move)
    record = NegotiationRecord(
        id=lookup.new_negotiation_id,
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
        arm=_arm_name(work, terms),
        auto=AutoRules(terms.auto_accept_percent, terms.auto_decline_percent),
        created_at=work.now,
        updated_at=work.now,
        is_new=True,
    )
    work.records[record.id] = record
    _count_bid(work, move)
    return record


def _count_bid(work: UnitOfWork, move: Open) -> None:
    """Counts the bid in the facts, so that a second opening in the same unit of work sees it."""
    if move.amount is None:
        return
    counts = work.facts.counts.setdefault((move.actor_id, move.property_id), Counts())
    counts.bids += 1
    counts.first_bid_at = counts.first_bid_at or work.now


def _frozen(work: UnitOfWork, terms: PropertyTerms, stay: StayQuote, nights: NegotiationRecord | Open) -> Terms:
    return opening.freeze(
        terms,
        stay,
        start=nights.start_date,
        end=nights.end_date,
        names=(work.facts.names.get(nights.guest_id, ""), work.facts.names.get(terms.host_id, "")),
        slack=automatic.draw_slack(work.chance()),
        rates=work.rates,
        offers_per_side=trial.offers_in(trial.arm_of(work.trial, terms), terms),
    )


def _arm_name(work: UnitOfWork, terms: PropertyTerms) -> str:
    arm = trial.arm_of(work.trial, terms)
    return arm.name if arm else ""


def _refreeze(
    work: UnitOfWork, record: NegotiationRecord, move: Open, terms: PropertyTerms, stay: StayQuote
) -> NegotiationRecord:
    """Gives the guest's question the stay of the opening that continues it, at today's terms; returns its record."""
    record.guests, record.booking_type = move.guests, stay.booking_type
    _count_bid(work, move)
    freeze_anew(record, FirstPrice(terms, stay, _frozen(work, terms, stay, record), _arm_name(work, terms)))
    return record


def freeze_anew(record: NegotiationRecord, price: FirstPrice) -> None:
    """Freezes these terms in a question, which from now on is a negotiation with a price."""
    record.terms, record.haggle, record.arm = price.frozen, price.haggle, price.arm
    record.auto = AutoRules(price.terms.auto_accept_percent, price.terms.auto_decline_percent)
    record.refrozen = True


def _emit_opened(work: UnitOfWork, record: NegotiationRecord) -> None:
    data = opened_data(
        property_id=record.property_id,
        title=record.terms.title,
        start_date=record.start_date,
        end_date=record.end_date,
        guests=record.guests,
        booking_type=record.booking_type,
        list_amount=record.haggle.list_amount,
        currency=record.currency,
    )
    work.emit(record, "negotiation.opened", "guest", data)
