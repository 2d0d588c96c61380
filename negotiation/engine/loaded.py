"""The ground a batch of moves stands on: rows read under lock, and what the batch will write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from negotiation.rules.automatic import AutoRules
from negotiation.rules.negotiation_state import Haggle, Side
from properties.rules.terms import PropertyTerms


@dataclass(slots=True)
class Row:
    """A negotiation as loaded under lock. `haggle` is replaced by what the rules return; the rest is as frozen."""

    id: int
    property_id: int
    guest_id: int
    host_id: int
    start_date: date
    end_date: date
    guests: int
    booking_type: str
    currency: str
    terms: dict[str, Any]
    haggle: Haggle
    has_offers: bool
    last_seq: int
    auto_decline_at: datetime | None
    booking_id: int | None
    listed: bool
    auto: AutoRules
    standing_quote: dict[str, Any] | None
    # When the last entry was written: the log's times never go back, whenever a batch's own time was taken.
    updated_at: datetime
    expiring_offer_id: int | None = None
    # What ended it in this batch: guest, host, system, or rule (the host's own percentages); "" where nothing did.
    ended_by: str = ""
    is_new: bool = False
    refrozen: bool = False

    def side_of(self, user_id: int) -> Side | None:
        """Which side `user_id` is on; None for a stranger."""
        if user_id == self.guest_id:
            return "guest"
        return "host" if user_id == self.host_id else None

    def user_of(self, side: str) -> int:
        """The user on `side`."""
        return self.guest_id if side == "guest" else self.host_id

    def name_of(self, side: str) -> str:
        """What the user on `side` was called when it opened."""
        return str(self.terms["guest_name" if side == "guest" else "host_name"])


@dataclass(slots=True)
class Ask:
    """What was looked up for one move of the batch, beside its negotiation."""

    row: Row | None = None
    # The side that made the offer which the move names; None where that offer is not of this negotiation.
    named_by: Side | None = None
    stored: dict[str, Any] | None = None
    stored_fingerprint: bytes | None = None
    stored_is_old: bool = False
    key_is_free: bool = True
    new_offer_id: int = 0
    new_negotiation_id: int = 0
    bids: int = 0
    first_bid_at: datetime | None = None


@dataclass(slots=True)
class NewOffer:
    """An offer to be written."""

    id: int
    negotiation_id: int
    by: str
    amount: Decimal
    status: str
    made_at: datetime
    expires_at: datetime
    quote: dict[str, Any]


@dataclass(slots=True)
class NewEntry:
    """A line of a log to be written; `data` is encoded once, for the table and the wire alike."""

    negotiation_id: int
    seq: int
    kind: str
    actor: str
    data: bytes
    at: datetime


@dataclass(slots=True)
class NewNotification:
    """Something a user is to be told."""

    user_id: int
    kind: str
    title: str
    negotiation_id: int
    property_id: int
    booking_id: int | None = None


@dataclass(slots=True)
class Draft:
    """Everything that one batch writes, in one go."""

    rows: dict[int, Row] = field(default_factory=dict)
    offers: dict[int, NewOffer] = field(default_factory=dict)
    offer_changes: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    notifications: list[NewNotification] = field(default_factory=list)
    outcomes: list[tuple[int, str, bytes, dict[str, Any]]] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    # Negotiations that ended in this batch.
    ended: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rows or self.outcomes or self.notifications)


@dataclass(slots=True)
class Agreement:
    """An accept that was found good: its stay is written first, then its entry can name the booking."""

    row: Row
    offer_id: int
    amount: Decimal
    quote: dict[str, Any]
    entry: NewEntry
    notifications: list[NewNotification]
    answer: dict[str, Any]
    # Params of those in the same batch who came too late; they name the booking as well.
    refusals: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """What moves that take nights look at, read under the property's lock."""

    terms: dict[int, PropertyTerms] = field(default_factory=dict)
    # property → nights that are gone: (start, end, guest of the pending reservation they are held for, or None)
    taken: dict[int, list[tuple[date, date, int | None]]] = field(default_factory=dict)
    unpaid: dict[int, int] = field(default_factory=dict)
    # (guest, property) → what their last 24 hours hold
    counts: dict[tuple[int, int], Counts] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """What one guest did on one property in the last 24 hours, and until when they are paused there."""

    opened: int = 0
    first_opened_at: datetime | None = None
    bids: int = 0
    first_bid_at: datetime | None = None
    paused_until: datetime | None = None


class NeedsProperty(Exception):
    """This move has to take the property's row first: it opens the haggle of a question, or may be accepted at once."""
