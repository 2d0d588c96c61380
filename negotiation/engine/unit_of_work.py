"""A unit of work: what was read, what will be written, and the few changes that moves make to a negotiation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from core.amounts import price
from core.errors import not_found
from core.money import money
from core.trials import Trial
from negotiation import events
from negotiation.engine.draft import Draft, NewEntry, NewNotification
from negotiation.engine.loaded import Comparison, Counts, Facts, Lookup
from negotiation.engine.machine import Machine
from negotiation.notification_titles import WRITTEN_IN, assistant_of, title
from negotiation.records import NegotiationRecord
from negotiation.rules import limits
from negotiation.rules import transitions as rules
from negotiation.rules.negotiation_state import OTHER, SIDES, Haggle, Sealed, Side
from negotiation.rules.terms import meal_to_json
from properties.rules.quote import Quote

DEFAULT_EXPIRES_IN = 86_400
NO_TRIAL = Trial()


@dataclass(slots=True, kw_only=True)
class UnitOfWork:
    """The state of a transaction, while its moves are decided one after the other.

    `factor` multiplies limits; `chance` draws from [0, 1); `is_subscribed` says whether a user's socket is subscribed to
    a topic; `rates` are the platform's fee and the tax in per cent; `records` are all negotiations concerned, by id.
    """

    now: datetime
    factor: float
    chance: Callable[[], float]
    is_subscribed: Callable[[int, str], bool]
    rates: tuple[Decimal, Decimal]
    records: dict[int, NegotiationRecord]
    facts: Facts = field(default_factory=Facts)
    draft: Draft = field(default_factory=Draft)
    # Whether this transaction holds the properties' locks.
    deep: bool = False
    # negotiation → the actor of its latest entry in this unit of work
    last_actor: dict[int, str] = field(default_factory=dict)
    # The trial that puts some properties under other rules (setting RULES_TRIAL).
    trial: Trial = NO_TRIAL
    # False where accepting at once has failed: a bid then stands, whatever the host's percentages say.
    auto: bool = True
    machine: Machine = field(default_factory=Machine)

    def party(self, lookup: Lookup, actor_id: int) -> tuple[NegotiationRecord, Side]:
        """Returns the negotiation and the mover's side. Raises not_found for others, and as `Machine.let_in`."""
        side = lookup.record.side_of(actor_id) if lookup.record else None
        if lookup.record is None or side is None:
            raise not_found()
        self.machine.let_in(lookup.record.property_id, side)
        return lookup.record, side

    def expire(self, record: NegotiationRecord) -> None:
        """Ends the sealed limits and the negotiation whose time is over, before anything else is judged (rule 5)."""
        mover, self.machine.side = self.machine.side, None
        for side in limits.ended_by_time(record.haggle, self.now):
            self.unseal(record, side)
        self.machine.side = mover
        expired = rules.expire(record.haggle, self.now)
        if expired is None:
            return
        standing = record.haggle.standing
        self.end(record, expired, "system", offer_status="expired")
        self.emit(record, "offer.expired", "system", {"offer": standing.id if standing else None})
        self.notify_both(record, "offer.expired")

    def end(self, record: NegotiationRecord, haggle: Haggle, by: str, *, offer_status: str) -> None:
        """Gives the negotiation its ended state `haggle`, and the standing offer the status `offer_status`."""
        standing = record.haggle.standing
        if standing is not None:
            self.change_offer(standing.id, offer_status)
        record.haggle, record.ended_by, record.auto_decline_at = haggle, by, None
        self.machine.release(record.id)
        self.draft.negotiations[record.id] = record
        self.draft.ended.add(record.id)

    def change_offer(self, offer_id: int, status: str, expires_at: datetime | None = None) -> None:
        """Changes an offer's status, and its end where one is given, both for a written offer and for a new one."""
        if new := self.draft.offers.get(offer_id):
            new.status, new.expires_at = status, expires_at or new.expires_at
            return
        before = self.draft.offer_changes.get(offer_id, (status, None))[1]
        self.draft.offer_changes[offer_id] = (status, expires_at or before)

    def emit(
        self,
        record: NegotiationRecord,
        kind: str,
        actor: str,
        data: dict[str, Any],
        *,
        at: datetime | None = None,
        via: str | None = None,
    ) -> NewEntry:
        """Appends an entry to the log, and marks the entries before it as seen by the actor. `at`: its time, if not now.

        `via`: a machine made it, where the present move does not show that.
        """
        for side in SIDES:
            if actor == side and self.last_actor.get(record.id) != side:
                record.mark_seen(side, record.last_seq)
        self.last_actor[record.id] = actor
        record.last_seq += 1
        record.updated_at = max(at or self.now, record.updated_at)
        self.draft.negotiations[record.id] = record
        entry = NewEntry(
            record.id,
            record.last_seq,
            kind,
            actor,
            orjson.dumps(data),
            record.updated_at,
            via or self.machine.via(actor),
        )
        self.draft.entries.append(entry)
        return entry

    def notify(
        self,
        record: NegotiationRecord,
        side: Side,
        kind: str,
        amount: Decimal | None = None,
        *,
        because: str = "",
        at: datetime | None = None,
        via: str | None = None,
    ) -> NewNotification:
        """Notifies `side` of what the other side, a rule or the clock did; the title may depend on the reason `because`.

        `via`: a machine did it, where the present move does not show that.
        """
        name = record.name_of(OTHER[side])
        text = title(
            f"{kind}:{because}" if because else kind,
            who=assistant_of(name) if via or self.machine.via(OTHER[side]) else name,
            home=record.terms.title,
            amount="" if amount is None else price(amount, record.currency, WRITTEN_IN),
        )
        note = NewNotification(
            user_id=record.user_of(side),
            kind=kind,
            title=text,
            negotiation_id=record.id,
            property_id=record.property_id,
            booking_id=record.booking_id,
            at=at or self.now,
        )
        self.draft.notifications.append(note)
        return note

    def notify_both(self, record: NegotiationRecord, kind: str, *, because: str = "") -> None:
        """Notifies both sides of what the system did."""
        self.notify(record, "guest", kind, because=because)
        self.notify(record, "host", kind, because=because)

    def say(self, record: NegotiationRecord, side: Side, text: str, *, notify: bool = True) -> None:
        """Appends a message and cancels a pending automatic decline; notifies the other side unless it is subscribed."""
        record.auto_decline_at = None
        self.emit(record, "message.sent", side, {"text": text})
        other = record.user_of(OTHER[side])
        if notify and not self.is_subscribed(other, events.negotiation_topic(record.id)):
            self.notify(record, OTHER[side], "message.sent")

    def place(
        self,
        record: NegotiationRecord,
        side: Side,
        *,
        offer_id: int,
        quote: Quote,
        expires_in: int | None,
        refrozen: bool = False,
    ) -> dict[str, Any]:
        """Makes an offer that passed all checks the standing one; returns its object. `quote` is the offer's, all in."""
        countered = record.haggle.standing
        if countered is not None:
            self.change_offer(countered.id, "countered")
        expires_at = rules.expiry(record.haggle, expires_in or DEFAULT_EXPIRES_IN, self.now)
        record.haggle = rules.place(
            record.haggle, side, offer_id=offer_id, amount=quote.stay, expires_at=expires_at, now=self.now
        )
        record.quote = quote.as_dict()
        record.has_offers, record.auto_decline_at = True, None
        if self.machine.via(side):
            self._mark_offer(record, quote.total)
        self._note_opened(record, side)
        offer = record.offer_on_table()
        self.draft.offers[offer_id] = offer
        body = offer.body()
        self.emit(record, "offer.made", side, {"offer": body, **({"terms": frozen_facts(record)} if refrozen else {})})
        if limits.is_beyond(record.haggle, side, quote.stay):
            self.unseal(record, side)
        return body

    def _mark_offer(self, record: NegotiationRecord, total: Decimal) -> None:
        """Marks the standing offer as made by a machine, and records the machine's stake."""
        if (standing := record.haggle.standing) is not None:
            record.haggle = replace(record.haggle, standing=replace(standing, via=events.AGENT))
            self.machine.stake(self.draft, record.id, offer_id=standing.id)
            self.machine.bind(record.id, "offer", total)

    def seal(
        self, record: NegotiationRecord, side: Side, *, amount: Decimal, expires_in: int | None, refrozen: bool = False
    ) -> None:
        """Seals a limit that passed all checks. The log says no figure, and with `refrozen` the terms that froze with it."""
        until = limits.until(record.haggle, expires_in or DEFAULT_EXPIRES_IN, self.now)
        record.haggle = limits.seal(record.haggle, side, Sealed(amount, until))
        if self.machine.via(side):
            number = record.haggle.seals(side)
            self.machine.stake(self.draft, record.id, seal=number)
            self.machine.bind(record.id, "limit", record.terms.quote(amount, record.currency).total)
            self.machine.seals.add((record.id, side, number))
        self._note_opened(record, side)
        self.emit(record, "limit.sealed", side, {"terms": frozen_facts(record)} if refrozen else {})

    def unseal(self, record: NegotiationRecord, side: Side) -> None:
        """Ends a sealed limit before it was compared. This transaction erases its figure."""
        record.haggle = limits.erase(record.haggle, side)
        if self.machine.held is not None and self.machine.held.terms.side == side:
            self.machine.release(record.id, "limit")
        self.emit(record, "limit.unsealed", side, {})
        self.notify(record, OTHER[side], "limit.unsealed")

    def count_comparison(self, record: NegotiationRecord) -> None:
        """Records a comparison in the facts, so that the moves after this one see it."""
        pair = (record.guest_id, record.property_id)
        done = Comparison(record.start_date, record.end_date, self.now)
        self.facts.compared.setdefault(pair, []).append(done)
        counts = self.facts.counts.setdefault(pair, Counts())
        counts.bids, counts.first_bid_at = counts.bids + 1, counts.first_bid_at or self.now

    def _note_opened(self, record: NegotiationRecord, side: Side) -> None:
        """Counts the guest's own first bid or limit as an opening, also for the moves after this one."""
        if side != "guest" or record.guest_opened_at is not None:
            return
        record.guest_opened_at = self.now
        counts = self.facts.counts.setdefault((record.guest_id, record.property_id), Counts())
        counts.opened, counts.first_opened_at = counts.opened + 1, counts.first_opened_at or self.now

    def look_up(self, record: NegotiationRecord, side: Side) -> None:
        """Marks the log as seen by the host whose rule answers: a host who answers has read the log too."""
        if record.mark_seen(side, record.last_seq):
            self.draft.looks.append((record.id, side, record.last_seq))


def frozen_facts(record: NegotiationRecord) -> dict[str, Any]:
    """Returns what the first offer in a question froze, for clients that follow the log."""
    return {
        "guests": record.guests,
        "booking_type": record.booking_type,
        "meals": [meal_to_json(meal) for meal in record.terms.meals],
        "list_amount": money(record.haggle.list_amount),
        "offers_per_side": record.terms.offers_per_side,
    }
