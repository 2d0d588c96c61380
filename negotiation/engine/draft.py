"""The draft holds everything that a unit of work is going to write. Each part has the columns of its table as attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.values import value
from negotiation.engine.loaded import Rival
from negotiation.records import NegotiationRecord, OfferRecord


@dataclass(slots=True)
class NewEntry:
    """A new line of a log. `data` is encoded JSON: it is encoded once, for the table and for the sockets."""

    negotiation_id: int
    seq: int
    kind: str
    actor: str
    data: bytes
    at: datetime
    # "agent" where a machine made the entry, under a mandate from the actor.
    via: str | None = None


@dataclass(slots=True, kw_only=True)
class NewNotification:
    """A new notification for a user."""

    user_id: int
    kind: str
    title: str
    negotiation_id: int
    property_id: int
    booking_id: int | None = None
    at: datetime
    read_at: datetime | None = None
    mailed_at: datetime | None = None


@value()
class NewOutcome:
    """The outcome of a command, which is stored under the command's id for repeats."""

    account_id: int
    key: str
    fingerprint: bytes
    outcome: dict[str, Any]
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class NewStake:
    """What the machine of a mandate did in one negotiation. None leaves the column as it is."""

    mandate_id: int
    negotiation_id: int
    opened: bool = False
    offer_id: int | None = None
    accepted_offer_id: int | None = None
    seal: int | None = None


@value(kw_only=True)
class NewMandateMove:
    """A line for the machine's person to read: an entry that the machine made, or why it was refused."""

    mandate_id: int
    negotiation_id: int | None
    kind: str
    seq: int | None = None
    code: str = ""
    limit: str = ""
    at: datetime


@dataclass(slots=True)
class Agreement:
    """An accept that passed all checks. Its stay is written first, so that its entry and notifications can name the booking."""

    record: NegotiationRecord
    offer: OfferRecord
    entry: NewEntry
    notifications: list[NewNotification]


@dataclass(slots=True)
class Draft:
    """All rows that a unit of work writes, in one round trip."""

    negotiations: dict[int, NegotiationRecord] = field(default_factory=dict)
    offers: dict[int, OfferRecord] = field(default_factory=dict)
    # offer → its new status, and its new end or None.
    offer_changes: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    notifications: list[NewNotification] = field(default_factory=list)
    outcomes: list[NewOutcome] = field(default_factory=list)
    # (account, key) of stored outcomes that are so old that their id may be used again.
    forgotten: list[tuple[int, str]] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    # (negotiation, side, seq): seen marks to publish.
    looks: list[tuple[int, str, int]] = field(default_factory=list)
    # Rivals that an agreement ended.
    superseded: list[Rival] = field(default_factory=list)
    # Negotiations that ended in this unit of work.
    ended: set[int] = field(default_factory=set)
    # (mandate, negotiation) → what the machine did there.
    stakes: dict[tuple[int, int], NewStake] = field(default_factory=dict)
    mandate_moves: list[NewMandateMove] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.negotiations or self.outcomes or self.notifications or self.mandate_moves)
