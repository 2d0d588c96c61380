"""Decides about sealed limits (rule 10): seals one, takes one back, and compares both once the second is sealed.

All checks of an accept run before the two figures are compared, so that a refusal reveals nothing about them.
"""

from __future__ import annotations

from dataclasses import replace

from core.money import unit_of
from negotiation.engine.decide_agreement import agree, check_agreeable, check_free, check_nights
from negotiation.engine.decide_mandates import check_answer, check_stay, note_agreed
from negotiation.engine.decide_opening import check_first_figure, check_limits, freeze_anew, weigh_first_price
from negotiation.engine.loaded import Counts, Lookup
from negotiation.engine.outcomes import Answer
from negotiation.engine.payable import check_offer_payable
from negotiation.engine.unit_of_work import UnitOfWork, frozen_facts
from negotiation.events import AGENT
from negotiation.moves import Seal, Unseal
from negotiation.records import NegotiationRecord
from negotiation.rules import limits, opening
from negotiation.rules import transitions as rules
from negotiation.rules.negotiation_state import OTHER, SIDES, Side, StandingOffer


def seal_limit(work: UnitOfWork, move: Seal, lookup: Lookup) -> Answer:
    """Seals a limit. A second limit is compared with the first, and the stay is agreed where they meet."""
    record, side = work.party(lookup, move.actor_id)
    work.expire(record)
    limits.check_sealable(record.haggle, side)
    if side == "guest":
        _check_guest(work, record)
    if not record.is_frozen:
        return _seal_in_question(work, move, record, side)
    if not limits.other_sealed(record.haggle, side):
        limits.check_bounds(record.haggle, side, move.amount)
        check_offer_payable(record.terms, move.amount, record.currency)
        check_answer(work, record, "limit", move.amount)
        check_nights(work, record, gone=lookup.nights_gone)
        return _seal_first(work, move, record, side)
    _check_comparison(work, record)
    limits.check_bounds(record.haggle, side, move.amount)
    check_offer_payable(record.terms, move.amount, record.currency)
    check_answer(work, record, "limit", move.amount)
    check_agreeable(work, record)
    work.seal(record, side, amount=move.amount, expires_in=move.expires_in)
    return _compare(work, record, side, offer_id=lookup.new_offer_id)


def unseal_limit(work: UnitOfWork, move: Unseal, lookup: Lookup) -> Answer:
    """Takes back the mover's own limit; this is possible until the other side has sealed one."""
    record, side = work.party(lookup, move.actor_id)
    work.expire(record)
    limits.unseal(record.haggle, side)
    check_stay(work, record)
    work.unseal(record, side)
    return _done(record)


def _check_guest(work: UnitOfWork, record: NegotiationRecord) -> None:
    """Raises offer.limit_reached for a guest who recently gave back, or left unpaid, a stay of this host that sealed
    limits had agreed on, and for a guest who has no opening left today."""
    limits.check_regrets(paused_until=work.facts.regrets.get((record.guest_id, record.host_id)), now=work.now)
    if record.guest_opened_at is None:
        check_limits(work, record.guest_id, record.property_id)


def _seal_in_question(work: UnitOfWork, move: Seal, record: NegotiationRecord, side: Side) -> Answer:
    """Seals the first figure in a question: the figure passes every check of an opening, and freezes the terms."""
    price = weigh_first_price(work, record)
    limits.check_bounds(price.haggle, side, move.amount)
    check_offer_payable(price.frozen, move.amount, record.currency)
    check_first_figure(work, record, "limit", move.amount, price)
    check_free(work, price.terms, record)
    before = frozen_facts(record)
    freeze_anew(record, price)
    return _seal_first(work, move, record, side, refrozen=frozen_facts(record) != before)


def _seal_first(
    work: UnitOfWork, move: Seal, record: NegotiationRecord, side: Side, *, refrozen: bool = False
) -> Answer:
    work.seal(record, side, amount=move.amount, expires_in=move.expires_in, refrozen=refrozen)
    work.notify(record, OTHER[side], "limit.sealed")
    return _done(record)


def _check_comparison(work: UnitOfWork, record: NegotiationRecord) -> None:
    """Raises offer.limit_reached for a second comparison in seven days, and where the guest has no bid left today.

    Each comparison counts as one of the guest's twelve bids of a day.
    """
    compared = work.facts.compared.get((record.guest_id, record.property_id), ())
    same_nights = [one.at for one in compared if one.overlap(record.start_date, record.end_date)]
    limits.check_comparable(compared_at=max(same_nights, default=None), now=work.now)
    counts = work.facts.counts.get((record.guest_id, record.property_id), Counts())
    opening.check_bids(bids=counts.bids, first_bid_at=counts.first_bid_at, factor=1, now=work.now)


def _compare(work: UnitOfWork, record: NegotiationRecord, side: Side, *, offer_id: int) -> Answer:
    price, sealed = limits.meeting(record.haggle, unit_of(record.currency)), record.haggle.sealed(side)
    record.haggle = limits.spend(record.haggle, work.now)
    work.count_comparison(record)
    if price is None or sealed is None:
        work.notify(record, OTHER[side], "limit.sealed")
        work.emit(record, "limit.missed", "system", {})
        work.notify_both(record, "limit.missed")
        return _done(record)
    _lay_half_way(work, record, StandingOffer(offer_id, side, price, work.now, sealed.until, work.machine.via(side)))
    work.emit(record, "limit.met", "system", {"offer": record.offer_on_table().body()})
    first = OTHER[side]
    via = AGENT if (record.id, first, record.haggle.seals(first)) in work.machine.seals else None
    agreement = agree(work, record, first, rules.end(record.haggle, "accepted"), via=via)
    note_agreed(work, agreement)
    agreement.notifications.append(work.notify(record, first, "offer.accepted", price))
    return _done(record, agreed=True)


def _lay_half_way(work: UnitOfWork, record: NegotiationRecord, offer: StandingOffer) -> None:
    """Puts the half-way price on the table as an offer of the side that sealed last; it counters the offer before."""
    if record.haggle.standing is not None:
        work.change_offer(record.haggle.standing.id, "countered")
    record.haggle = replace(record.haggle, standing=offer)
    record.quote = record.terms.quote(offer.amount, record.currency).as_dict()
    record.has_offers = True
    work.draft.offers[offer.id] = record.offer_on_table()


def _done(record: NegotiationRecord, *, agreed: bool = False) -> Answer:
    words: dict[str, str] = {side: limits.word(record.haggle, side) for side in SIDES}
    return Answer(negotiation=record.id, seq=record.last_seq, agreed=agreed, limits=words)
