"""Everything that a unit of work is going to write. Each part has its table's columns as attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from negotiation.records import NegotiationRecord, OfferRecord


@dataclass(slots=True)
class NewEntry:
    """A line of a log; `data` is encoded once, for the table and the wire alike."""

    negotiation_id: int
    seq: int
    kind: str
    actor: str
    data: bytes
    at: datetime
    # "agent": a machine made it, under a mandate of the actor's.
    via: str | None = None


@dataclass(slots=True, kw_only=True)
class NewNotification:
    """A notification for a user."""

    user_id: int
    kind: str
    title: str
    negotiation_id: int
    property_id: int
    booking_id: int | None = None
    at: datetime
    read_at: datetime | None = None
    mailed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """The outcome of a command, kept under its id."""

    account_id: int
    key: str
    fingerprint: bytes
    outcome: dict[str, Any]
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class NewStake:
    """What a mandate's machine did in one negotiation; None leaves what stands in the row."""

    mandate_id: int
    negotiation_id: int
    opened: bool = False
    offer_id: int | None = None
    accepted_offer_id: int | None = None
    seal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandateMove:
    """A line for the machine's person to read: an entry that it made, or why it was refused."""

    mandate_id: int
    negotiation_id: int | None
    kind: str
    seq: int | None = None
    code: str = ""
    limit: str = ""
    at: datetime


@dataclass(slots=True)
class Agreement:
    """An accept that was found good: its stay is written first, then its entry and notifications can name the booking."""

    record: NegotiationRecord
    offer: OfferRecord
    entry: NewEntry
    notifications: list[NewNotification]


@dataclass(slots=True)
class Draft:
    """What is written in one go."""

    negotiations: dict[int, NegotiationRecord] = field(default_factory=dict)
    offers: dict[int, OfferRecord] = field(default_factory=dict)
    # offer → its new status, and its new end where it has one
    offer_changes: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    notifications: list[NewNotification] = field(default_factory=list)
    outcomes: list[NewOutcome] = field(default_factory=list)
    # (account, key) of outcomes so old that their id may be used again.
    forgotten: list[tuple[int, str]] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    # (negotiation, side, seq): seen marks to publish.
    looks: list[tuple[int, str, int]] = field(default_factory=list)
    # Negotiations that ended in this unit of work.
    ended: set[int] = field(default_factory=set)
    # (mandate, negotiation) → what the machine did there.
    stakes: dict[tuple[int, int], NewStake] = field(default_factory=dict)
    mandate_moves: list[NewMandateMove] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.negotiations or self.outcomes or self.notifications or self.mandate_moves)
