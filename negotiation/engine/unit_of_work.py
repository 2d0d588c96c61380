"""One batch being decided: what was read, what will be written, and the few things moves do to a negotiation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from core.errors import Code, DomainError
from core.money import money, price
from negotiation import events
from negotiation.engine.loaded import Ask, Draft, Facts, NewEntry, NewNotification, NewOffer, Row
from negotiation.notification_titles import title
from negotiation.rules import transitions as rules
from negotiation.rules.negotiation_state import OTHER, Side
from negotiation.rules.opening import offer_quote

DEFAULT_EXPIRES_IN = 86_400


@dataclass(slots=True)
class Batch:
    """`factor` multiplies limits; `chance` draws from [0, 1); `in_room` tells whether a user looks at a topic."""

    now: datetime
    factor: float
    chance: Callable[[], float]
    in_room: Callable[[int, str], bool]
    rates: tuple[Decimal, Decimal]
    rows: dict[int, Row]
    facts: Facts = field(default_factory=Facts)
    draft: Draft = field(default_factory=Draft)
    # Whether this batch holds the properties' rows.
    deep: bool = False
    # False: bids lie on the table, whatever the host's percentages say (accepting at once has failed).
    auto: bool = True

    def party(self, ask: Ask, actor_id: int) -> tuple[Row, Side]:
        """The negotiation and the mover's side in it; not_found for everybody else."""
        side = ask.row.side_of(actor_id) if ask.row else None
        if ask.row is None or side is None:
            raise DomainError(Code.NOT_FOUND)
        return ask.row, side

    def lapse(self, row: Row) -> None:
        """Ends what is past its time, before anything else is judged (rule 5)."""
        lapsed = rules.lapse(row.haggle, self.now)
        if lapsed is None:
            return
        standing = row.haggle.standing
        self.end(row, lapsed, "system", offer_status="expired")
        self.emit(row, "offer.expired", "system", {"offer": standing.id if standing else None})
        self.tell_both(row, "offer.expired")

    def end(self, row: Row, haggle: Any, by: str, *, offer_status: str) -> None:
        """Puts an ended state in place; the offer that stood gets `offer_status`."""
        standing = row.haggle.standing
        if standing is not None:
            self.change_offer(standing.id, offer_status)
        row.haggle, row.ended_by, row.auto_decline_at = haggle, by, None
        self.draft.rows[row.id] = row
        self.draft.ended.add(row.id)

    def change_offer(self, offer_id: int, status: str, expires_at: datetime | None = None) -> None:
        """Gives an offer another status, whether it was written already or is written in this batch."""
        if new := self.draft.offers.get(offer_id):
            new.status, new.expires_at = status, expires_at or new.expires_at
            return
        before = self.draft.offer_changes.get(offer_id, (status, None))[1]
        self.draft.offer_changes[offer_id] = (status, expires_at or before)

    def emit(self, row: Row, kind: str, actor: str, data: dict[str, Any]) -> NewEntry:
        """Appends a line to a negotiation's log."""
        row.last_seq += 1
        row.updated_at = max(self.now, row.updated_at)
        self.draft.rows[row.id] = row
        entry = NewEntry(row.id, row.last_seq, kind, actor, orjson.dumps(data), row.updated_at)
        self.draft.entries.append(entry)
        return entry

    def tell(
        self, row: Row, side: str, kind: str, amount: Decimal | None = None, *, because: str = ""
    ) -> NewNotification:
        """Tells `side` of something that the other side, a rule or the clock did; `because` of what, where it varies."""
        who = row.name_of(OTHER[side])  # type: ignore[index]  # a side by construction
        text = title(
            f"{kind}:{because}" if because else kind,
            who=who,
            home=row.terms["title"],
            amount="" if amount is None else price(amount, row.currency),
        )
        note = NewNotification(row.user_of(side), kind, text, row.id, row.property_id, row.booking_id)
        self.draft.notifications.append(note)
        return note

    def tell_both(self, row: Row, kind: str, *, because: str = "") -> None:
        """What the system did is told to both."""
        self.tell(row, "guest", kind, because=because)
        self.tell(row, "host", kind, because=because)

    def say(self, row: Row, side: Side, text: str, *, tell: bool = True) -> None:
        """Appends a message, and tells the other side unless they are looking. A pending automatic no is void by it."""
        row.auto_decline_at = None
        self.emit(row, "message.sent", side, {"text": text})
        other = row.user_of(OTHER[side])
        if tell and not self.in_room(other, events.negotiation_topic(row.id)):
            self.tell(row, OTHER[side], "message.sent")

    def place(
        self, row: Row, side: Side, *, offer_id: int, amount: Decimal, expires_in: int | None, refrozen: bool = False
    ) -> dict[str, Any]:
        """Lays an offer that was found good on the table; returns its object."""
        countered = row.haggle.standing
        if countered is not None:
            self.change_offer(countered.id, "countered")
        expires_at = rules.expiry(row.haggle, expires_in or DEFAULT_EXPIRES_IN, self.now)
        row.haggle = rules.place(
            row.haggle, side, offer_id=offer_id, amount=amount, expires_at=expires_at, now=self.now
        )
        quote: dict[str, Any] = offer_quote(row.terms, amount=amount, currency=row.currency).as_dict()
        row.has_offers, row.auto_decline_at, row.standing_quote = True, None, quote
        self.draft.offers[offer_id] = NewOffer(offer_id, row.id, side, amount, "standing", self.now, expires_at, quote)
        body = self.standing_body(row)
        self.emit(row, "offer.made", side, {"offer": body, **({"terms": frozen_facts(row)} if refrozen else {})})
        return body

    def standing_body(self, row: Row) -> dict[str, Any]:
        """The standing offer as an object."""
        standing = row.haggle.standing
        if standing is None:
            raise LookupError("nothing stands")
        return events.offer_body(
            id=standing.id,
            amount=standing.amount,
            by=standing.by,
            made_at=standing.made_at,
            expires_at=standing.expires_at,
            status="standing",
            quote=row.standing_quote or {},
        )

    def rivals_of(self, row: Row) -> Iterator[tuple[Row, str]]:
        """Every other open negotiation that an agreement on `row` ends, with the reason, ascending by id."""
        for other_id in sorted(self.rows):
            other = self.rows[other_id]
            if other.id == row.id or other.haggle.status != "open" or not overlap(row, other):
                continue
            if other.property_id == row.property_id:
                yield other, "dates.taken"
            elif other.guest_id == row.guest_id:
                yield other, "guest.booked"

    def supersede(self, row: Row, reason: str) -> None:
        """Ends a negotiation over which events went; one that is past its time ends by that."""
        self.lapse(row)
        if row.haggle.status != "open":
            return
        self.end(row, rules.end(row.haggle, "superseded"), "system", offer_status="superseded")
        self.emit(row, "negotiation.superseded", "system", {"reason": reason})
        self.tell_both(row, "negotiation.superseded", because=reason)


def overlap(a: Row, b: Row) -> bool:
    """Whether two stays share a night."""
    return a.start_date < b.end_date and b.start_date < a.end_date


def frozen_facts(row: Row) -> dict[str, Any]:
    """What an offer that ends a question's openness settled, for those who follow the log."""

    return {
        "guests": row.guests,
        "booking_type": row.booking_type,
        "meals": row.terms["meals"],
        "list_amount": money(row.haggle.list_amount),
        "offers_per_side": row.terms["offers_per_side"],
    }
