"""What a unit of work stands on: read under lock, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.rules.mandates import MandateTerms
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.mandates import StakeKind
from properties.rules.terms import PropertyTerms


@dataclass(slots=True, kw_only=True)
class Lookup:
    """What was looked up for one move, beside its negotiation."""

    record: NegotiationRecord | None = None
    # The side that made the offer which the move names; None where that offer is not of this negotiation.
    named_by: Side | None = None
    # The outcome that the move's id had before, and the mark of the content that it came with.
    stored: dict[str, Any] | None = None
    stored_fingerprint: bytes | None = None
    stored_is_old: bool = False
    key_is_free: bool = True
    new_offer_id: int = 0
    new_negotiation_id: int = 0
    bids: int = 0
    first_bid_at: datetime | None = None
    # The guest's other open negotiations on that property.
    other_rooms: int = 0
    # Whether a night of the stay is taken or held by another guest; read for an offer, without the property's lock.
    nights_gone: bool = False
    # Who of the two blocked the other; asked for a message in an agreed negotiation only.
    blockers: frozenset[int] = frozenset()
    # When the agreed stay ends, which may have been changed since; asked as `blockers` is.
    stay_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakenNights:
    """Nights that are gone, half-open; `held_for` is the guest of a pending reservation, None of anything firmer."""

    start_date: date
    end_date: date
    held_for: int | None = None

    def overlap(self, start: date, end: date) -> bool:
        """Whether they share a night with the stay from `start` to before `end`."""
        return self.start_date < end and start < self.end_date


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sealed limits that were compared, for a stay from `start_date` to before `end_date`."""

    start_date: date
    end_date: date
    at: datetime

    def overlap(self, start: date, end: date) -> bool:
        """Whether its stay shares a night with the one from `start` to before `end`."""
        return self.start_date < end and start < self.end_date


@dataclass(slots=True, kw_only=True)
class Counts:
    """What one guest did on one property in the last 24 hours, and until when they are paused there."""

    opened: int = 0
    first_opened_at: datetime | None = None
    bids: int = 0
    first_bid_at: datetime | None = None
    # Questions of the guest's at all homes that have no price of theirs yet; counted for an opening.
    questions: int = 0
    first_question_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Facts:
    """What moves that take nights look at, read under the property's lock."""

    terms: dict[int, PropertyTerms] = field(default_factory=dict)
    # property → nights that are gone there
    taken: dict[int, list[TakenNights]] = field(default_factory=dict)
    # guest → stays that wait to be paid
    unpaid: dict[int, int] = field(default_factory=dict)
    # (guest, property) → what their last 24 hours hold
    counts: dict[tuple[int, int], Counts] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    # (guest, property) → comparisons of the last seven days
    compared: dict[tuple[int, int], list[Comparison]] = field(default_factory=dict)
    # (guest, host) → until when that guest seals nothing at that host's homes
    regrets: dict[tuple[int, int], datetime] = field(default_factory=dict)
    # (who blocked, whom)
    blocks: set[tuple[int, int]] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class HeldMandate:
    """A mandate whose row this unit of work holds: its limits, and what its machine has at stake."""

    terms: MandateTerms
    # negotiation → what binds there → its total, all in
    stakes: dict[int, dict[StakeKind, Decimal]] = field(default_factory=dict)
    # Open negotiations that the machine opened.
    opened: set[int] = field(default_factory=set)

    def beside(self, negotiation_id: int, kind: StakeKind) -> list[Decimal]:
        """What else stands in that negotiation while something new of `kind` does; an agreement ends all else."""
        there = self.stakes.get(negotiation_id, {})
        return [] if kind == "agreed" else [total for other, total in there.items() if other != kind]


class NeedsProperty(Exception):
    """This move has to take the property's row first: it opens the haggle of a question, or may be accepted at once."""
