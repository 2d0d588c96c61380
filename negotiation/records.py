"""The negotiation and the offer, as the engine, the selectors and the pages use them. Rows are read and written by column
name.

The row itself is `models.Negotiation`; the part that the rules see is `rules.negotiation_state.Haggle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson

from core.values import value
from negotiation.columns import NEGOTIATION
from negotiation.events import offer_body
from negotiation.rules import limits, transitions
from negotiation.rules.automatic import NO_RULES, AutoRules
from negotiation.rules.negotiation_state import Haggle, Side
from negotiation.rules.terms import Terms


@dataclass(slots=True, kw_only=True)
class OfferRecord:
    """An offer with its quote object. `amount` is the price of the whole stay before fee and tax."""

    id: int
    negotiation_id: int
    by: Side
    amount: Decimal
    status: str
    made_at: datetime
    expires_at: datetime
    quote: Mapping[str, Any]
    # "agent" where a machine made the offer for its side.
    via: str | None = None

    def body(self) -> dict[str, Any]:
        """Returns the offer object of docs/protocol.md."""
        return offer_body(
            id=self.id,
            amount=self.amount,
            by=self.by,
            made_at=self.made_at,
            expires_at=self.expires_at,
            status=self.status,
            quote=self.quote,
        )

    def values(self) -> tuple[Any, ...]:
        """Returns the values of the offer's columns, for the database."""
        return (
            self.id, self.negotiation_id, self.by, self.amount, self.status, self.made_at, self.expires_at,
            orjson.dumps(self.quote), self.via,
        )  # fmt: skip


@value()
class Person:
    """A party, with what the other party may see."""

    id: int
    name: str


@value()
class Surroundings:
    """What people see beside a negotiation. It comes from the tables that the negotiation refers to, with today's values."""

    title: str
    # The file name of the property's first photo, or of its drawn picture.
    photo: str
    guest: Person
    host: Person
    booking_status: str | None
    payment_status: str | None


@dataclass(slots=True, kw_only=True)
class NegotiationRecord:
    """A negotiation. A move replaces `haggle` by what the rules return. The end date is not a night; moments are UTC.

    `quote` is of the standing offer. The engine's reads fill `auto`, the selectors' reads fill `surroundings`.
    """

    id: int
    property_id: int
    guest_id: int
    host_id: int
    start_date: date
    end_date: date
    guests: int
    booking_type: str
    currency: str
    terms: Terms
    haggle: Haggle
    created_at: datetime
    # When the last entry was written. A log's times never go back, even where a batch read the clock earlier.
    updated_at: datetime
    has_offers: bool = False
    # When the guest made the first bid or sealed the first limit; None before that.
    guest_opened_at: datetime | None = None
    last_seq: int = 0
    guest_seen: int = 0
    host_seen: int = 0
    # The name of the trial's arm in which the negotiation was opened (setting RULES_TRIAL); "" without one.
    arm: str = ""
    # Whose move ended the negotiation: guest, host, system, or rule (the host's percentages, which guests don't learn about).
    ended_by: str = ""
    booking_id: int | None = None
    auto_decline_at: datetime | None = None
    expiring_offer_id: int | None = None
    rivals_told_at: datetime | None = None

    quote: Mapping[str, Any] | None = None
    auto: AutoRules = NO_RULES
    surroundings: Surroundings | None = None
    is_new: bool = False
    # Whether a question's first offer or limit has frozen the terms again in this unit of work.
    refrozen: bool = False

    @property
    def standing(self) -> OfferRecord | None:
        """The standing offer; None without one."""
        return None if self.haggle.standing is None else self.offer_on_table()

    def offer_on_table(self) -> OfferRecord:
        """Returns the standing offer. Raises LookupError without one."""
        offer = self.haggle.standing
        if offer is None:
            raise LookupError("nothing stands")
        return OfferRecord(
            id=offer.id,
            negotiation_id=self.id,
            by=offer.by,
            amount=offer.amount,
            status="standing",
            made_at=offer.made_at,
            expires_at=offer.expires_at,
            quote=self.quote or {},
            via=offer.via,
        )

    @property
    def status(self) -> str:
        return self.haggle.status

    @property
    def nights(self) -> str:
        """The stay as a range in PostgreSQL's syntax."""
        return f"[{self.start_date},{self.end_date})"

    @property
    def is_frozen(self) -> bool:
        """Whether the terms are frozen, because a price was offered or sealed; False for a question without a price."""
        return self.has_offers or bool(self.haggle.guest_seals or self.haggle.host_seals)

    @property
    def guest_limit(self) -> Decimal | None:
        """The guest's sealed limit, as its column holds it."""
        return self.haggle.guest_sealed.amount if self.haggle.guest_sealed else None

    @property
    def guest_limit_until(self) -> datetime | None:
        return self.haggle.guest_sealed.until if self.haggle.guest_sealed else None

    @property
    def host_limit(self) -> Decimal | None:
        """The host's sealed limit, as its column holds it."""
        return self.haggle.host_sealed.amount if self.haggle.host_sealed else None

    @property
    def host_limit_until(self) -> datetime | None:
        return self.haggle.host_sealed.until if self.haggle.host_sealed else None

    @property
    def question_expires_at(self) -> datetime | None:
        """When the question expires; an offer has its own end."""
        return None if self.has_offers else self.haggle.expires_at

    @property
    def shown(self) -> Surroundings:
        """The `surroundings`. Raises LookupError where they were not read."""
        if self.surroundings is None:
            raise LookupError("read with what is shown beside it, by negotiation.selectors.snapshots")
        return self.surroundings

    @property
    def ended_by_side(self) -> str:
        """The side that ended the negotiation, as the parties see it: an automatic answer looks like the host's (rule 8)."""
        return "host" if self.ended_by == "rule" else self.ended_by

    @property
    def moves_made(self) -> int:
        """The number of offers made and limits sealed, by both sides."""
        haggle = self.haggle
        offers = 2 * self.terms.offers_per_side - haggle.guest_offers_left - haggle.host_offers_left
        return offers + haggle.guest_seals + haggle.host_seals

    def side_of(self, user_id: int) -> Side | None:
        """Returns the side of `user_id`; None for a stranger."""
        if user_id == self.guest_id:
            return "guest"
        return "host" if user_id == self.host_id else None

    def user_of(self, side: str) -> int:
        """Returns the id of the user on `side`."""
        return self.guest_id if side == "guest" else self.host_id

    def name_of(self, side: str) -> str:
        """Returns the name that the user on `side` had when the terms were frozen."""
        return self.terms.guest_name if side == "guest" else self.terms.host_name

    def seen_by(self, side: str) -> int:
        """Returns the seq of the last entry that `side` has seen."""
        return self.guest_seen if side == "guest" else self.host_seen

    def mark_seen(self, side: Side, seq: int) -> bool:
        """Records that `side` has seen the log up to `seq`. Returns whether that is new."""
        if seq <= self.seen_by(side):
            return False
        if side == "guest":
            self.guest_seen = seq
        else:
            self.host_seen = seq
        return True

    def is_expired(self, now: datetime) -> bool:
        """Whether the time of the negotiation or of a sealed limit is over, and the table does not say so yet."""
        return transitions.expire(self.haggle, now) is not None or bool(limits.ended_by_time(self.haggle, now))

    def as_of(self, now: datetime) -> NegotiationRecord:
        """Returns the record as a list shows it: expired where its time is over, even if that is not written yet."""
        for side in limits.ended_by_time(self.haggle, now):
            self.haggle = limits.erase(self.haggle, side)
        self.haggle = transitions.expire(self.haggle, now) or self.haggle
        return self

    @property
    def frozen_terms(self) -> bytes:
        """The terms, as their column holds them."""
        return orjson.dumps(self.terms.to_json())

    def values(self, names: tuple[str, ...]) -> tuple[Any, ...]:
        """Returns the values of these columns, for the database."""
        values: tuple[Any, ...] = _getter(names)(self)
        return values


# The columns that the rules see, which are attributes of `haggle`.
RULED = tuple(name for name in NEGOTIATION.names() if name in {field.name for field in fields(Haggle)})


@lru_cache
def _getter(names: tuple[str, ...]) -> attrgetter[tuple[Any, ...]]:
    """Returns a getter for all these columns of a record at once; those that the rules see come from its `haggle`."""
    places = {"terms": "frozen_terms"} | {name: f"haggle.{name}" for name in RULED}
    return attrgetter(*(places.get(name, name) for name in names))
