"""What a unit of work knows: it is read under locks, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.rules.mandates import MandateTerms
from bookings.selectors.holds_in_the_way import InTheWay
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.mandates import StakeKind
from properties.rules.terms import PropertyTerms


@dataclass(slots=True, kw_only=True)
class Lookup:
    """What was looked up for one move, together with the record of its negotiation."""

    record: NegotiationRecord | None = None
    # The side that made the offer which the move names; None where this negotiation has no such offer.
    named_by: Side | None = None
    # The outcome that is stored under the command's id, and the fingerprint of the content that the id first came with.
    stored: dict[str, Any] | None = None
    stored_fingerprint: bytes | None = None
    stored_is_old: bool = False
    key_is_free: bool = True
    new_offer_id: int = 0
    new_negotiation_id: int = 0
    bids: int = 0
    first_bid_at: datetime | None = None
    # The number of the guest's other open negotiations on the property.
    other_rooms: int = 0
    # Whether another guest has taken or holds a night of the stay; read for an offer, without the property's lock.
    nights_gone: bool = False
    # The users of the two who blocked the other; read only for a message in an agreed negotiation.
    blockers: frozenset[int] = frozenset()
    # When the agreed stay ends; the stay may have been changed since the agreement. Read when `blockers` is.
    stay_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakenNights:
    """Nights from `start` to before `end` that are gone. `held_for` is the guest of a pending reservation, else None."""

    start_date: date
    end_date: date
    held_for: int | None = None

    def overlap(self, start: date, end: date) -> bool:
        """Whether these nights and the stay from `start` to before `end` have a night in common."""
        return self.start_date < end and start < self.end_date


@dataclass(slots=True, kw_only=True)
class Rival:
    """An open negotiation with nothing due but to end for another's agreement: only what that end reads and writes."""

    id: int
    property_id: int
    guest_id: int
    host_id: int
    start_date: date
    end_date: date
    # The property's title in the frozen terms.
    title: str
    # The standing offer; None without one.
    offer_id: int | None
    last_seq: int
    updated_at: datetime
    # As in NegotiationRecord.
    arm: str
    is_frozen: bool
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of sealed limits, for a stay from `start_date` to before `end_date`."""

    start_date: date
    end_date: date
    at: datetime

    def overlap(self, start: date, end: date) -> bool:
        """Whether its stay and the stay from `start` to before `end` have a night in common."""
        return self.start_date < end and start < self.end_date


@dataclass(slots=True, kw_only=True)
class Counts:
    """What one guest did on one property in the last 24 hours, and until when the guest is paused there."""

    opened: int = 0
    first_opened_at: datetime | None = None
    bids: int = 0
    first_bid_at: datetime | None = None
    # The guest's questions on all properties that have no price from the guest yet; counted only for an opening.
    questions: int = 0
    first_question_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Facts:
    """The facts by which moves that take nights are judged, read under the property's lock."""

    terms: dict[int, PropertyTerms] = field(default_factory=dict)
    # property → nights that are gone there
    taken: dict[int, list[TakenNights]] = field(default_factory=dict)
    # guest → number of stays that wait to be paid
    unpaid: dict[int, int] = field(default_factory=dict)
    # (guest, property) → what the guest did there in the last 24 hours
    counts: dict[tuple[int, int], Counts] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    # (guest, property) → comparisons of the last seven days
    compared: dict[tuple[int, int], list[Comparison]] = field(default_factory=dict)
    # (guest, host) → until when that guest may seal no limit on that host's properties
    regrets: dict[tuple[int, int], datetime] = field(default_factory=dict)
    # Of stays that may be agreed on: the holds on their nights, and ids for the bookings.
    in_the_way: InTheWay = field(default_factory=dict)
    booking_ids: list[int] = field(default_factory=list)
    # (user who blocked, user who is blocked)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    # Negotiations that an agreement may end, besides those that are read whole.
    rivals: dict[int, Rival] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class HeldMandate:
    """A mandate that this unit of work has locked: its limits, and what its machine has at stake."""

    terms: MandateTerms
    # negotiation → kind of stake → its total, with fee and tax
    stakes: dict[int, dict[StakeKind, Decimal]] = field(default_factory=dict)
    # Open negotiations that the machine opened.
    opened: set[int] = field(default_factory=set)

    def beside(self, negotiation_id: int, kind: StakeKind) -> list[Decimal]:
        """Returns the totals of the other stakes in that negotiation that remain beside a new one of `kind`.

        Nothing remains beside an agreement, since it ends all else.
        """
        there = self.stakes.get(negotiation_id, {})
        return [] if kind == "agreed" else [total for other, total in there.items() if other != kind]


class NeedsProperty(Exception):
    """This move has to lock its property first: it is the first offer in a question, or a bid that weighs (`_is_weighty`)."""
