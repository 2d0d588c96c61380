"""The negotiation and the offer as the engine, the selectors and the pages use them; read and written by column name.

The row itself is `models.Negotiation`; what the rules see of it is `rules.negotiation_state.Haggle`.
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

from negotiation.columns import NEGOTIATION
from negotiation.events import offer_body
from negotiation.rules import limits, transitions
from negotiation.rules.automatic import NO_RULES, AutoRules
from negotiation.rules.negotiation_state import Haggle, Side
from negotiation.rules.terms import Terms


@dataclass(slots=True, kw_only=True)
class OfferRecord:
    """An offer with its quote object; `amount` is the price of the whole stay before fee and tax."""

    id: int
    negotiation_id: int
    by: Side
    amount: Decimal
    status: str
    made_at: datetime
    expires_at: datetime
    quote: Mapping[str, Any]
    # "agent": a machine made it for its side.
    via: str | None = None

    def body(self) -> dict[str, Any]:
        """The offer object of docs/protocol.md."""
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
        """Its columns, for the database."""
        return (
            self.id, self.negotiation_id, self.by, self.amount, self.status, self.made_at, self.expires_at,
            orjson.dumps(self.quote), self.via,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A party, as the other one may see them."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What people see beside a negotiation, read from the tables that it points to: present values, not frozen ones."""

    title: str
    # The file name of its first photo, or of the drawn one.
    photo: str
    guest: Person
    host: Person
    booking_status: str | None
    payment_status: str | None


@dataclass(slots=True, kw_only=True)
class NegotiationRecord:
    """A negotiation. `haggle` is replaced by what the rules return; dates are half-open, moments UTC.

    `quote` belongs to the offer that stands. `auto` is filled by the engine's reads, `surroundings` by the selectors'.
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
    # When the last entry was written: the log's times never go back, even where a batch took its time earlier.
    updated_at: datetime
    has_offers: bool = False
    # The guest's own first bid or limit; None while neither was made.
    guest_opened_at: datetime | None = None
    last_seq: int = 0
    guest_seen: int = 0
    host_seen: int = 0
    # The arm of the trial of rules in which it was opened (setting RULES_TRIAL); "" without one.
    arm: str = ""
    # Whose move ended it: guest, host, system, or rule (the host's percentages, of which guests are not told).
    ended_by: str = ""
    booking_id: int | None = None
    auto_decline_at: datetime | None = None
    expiring_offer_id: int | None = None
    rivals_told_at: datetime | None = None

    quote: Mapping[str, Any] | None = None
    auto: AutoRules = NO_RULES
    surroundings: Surroundings | None = None
    is_new: bool = False
    # Whether its terms were frozen anew, by the first offer of a question.
    refrozen: bool = False

    @property
    def standing(self) -> OfferRecord | None:
        """The offer on the table; None where there is none."""
        return None if self.haggle.standing is None else self.offer_on_table()

    def offer_on_table(self) -> OfferRecord:
        """The standing offer. Raises LookupError where there is none."""
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
        """The stay as PostgreSQL's range."""
        return f"[{self.start_date},{self.end_date})"

    @property
    def is_frozen(self) -> bool:
        """Whether a price was named or sealed in it, so that its terms hold; False for a question without one."""
        return self.has_offers or bool(self.haggle.guest_seals or self.haggle.host_seals)

    @property
    def guest_limit(self) -> Decimal | None:
        """The guest's sealed limit, as the table has it."""
        return self.haggle.guest_sealed.amount if self.haggle.guest_sealed else None

    @property
    def guest_limit_until(self) -> datetime | None:
        return self.haggle.guest_sealed.until if self.haggle.guest_sealed else None

    @property
    def host_limit(self) -> Decimal | None:
        """The host's sealed limit, as the table has it."""
        return self.haggle.host_sealed.amount if self.haggle.host_sealed else None

    @property
    def host_limit_until(self) -> datetime | None:
        return self.haggle.host_sealed.until if self.haggle.host_sealed else None

    @property
    def question_expires_at(self) -> datetime | None:
        """The end of a question; an offer has its own end."""
        return None if self.has_offers else self.haggle.expires_at

    @property
    def shown(self) -> Surroundings:
        """`surroundings`. Raises LookupError where they were not read."""
        if self.surroundings is None:
            raise LookupError("read with what is shown beside it, by negotiation.selectors.snapshots")
        return self.surroundings

    @property
    def ended_by_side(self) -> str:
        """Whose move ended it, as the parties see it: an automatic answer looks like the host's own (rule 8)."""
        return "host" if self.ended_by == "rule" else self.ended_by

    @property
    def moves_made(self) -> int:
        """Offers made and limits sealed, by both sides."""
        haggle = self.haggle
        offers = 2 * self.terms.offers_per_side - haggle.guest_offers_left - haggle.host_offers_left
        return offers + haggle.guest_seals + haggle.host_seals

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
        return self.terms.guest_name if side == "guest" else self.terms.host_name

    def seen_by(self, side: str) -> int:
        """Up to which entry `side` has read."""
        return self.guest_seen if side == "guest" else self.host_seen

    def mark_seen(self, side: Side, seq: int) -> bool:
        """Notes that `side` has read the log up to `seq`. Returns whether that is new."""
        if seq <= self.seen_by(side):
            return False
        if side == "guest":
            self.guest_seen = seq
        else:
            self.host_seen = seq
        return True

    def is_expired(self, now: datetime) -> bool:
        """Whether it is open in the table although its time, or a sealed limit's, is over and that is not written yet."""
        return transitions.expire(self.haggle, now) is not None or bool(limits.ended_by_time(self.haggle, now))

    def as_of(self, now: datetime) -> NegotiationRecord:
        """The record as a list shows it: expired where its time is over, without writing that."""
        for side in limits.ended_by_time(self.haggle, now):
            self.haggle = limits.erase(self.haggle, side)
        self.haggle = transitions.expire(self.haggle, now) or self.haggle
        return self

    @property
    def frozen_terms(self) -> bytes:
        """The terms as their column has them."""
        return orjson.dumps(self.terms.to_json())

    def values(self, names: tuple[str, ...]) -> tuple[Any, ...]:
        """These columns, for the database."""
        values: tuple[Any, ...] = _getter(names)(self)
        return values


# The columns that the rules see.
RULED = tuple(name for name in NEGOTIATION.names() if name in {field.name for field in fields(Haggle)})


@lru_cache
def _getter(names: tuple[str, ...]) -> attrgetter[tuple[Any, ...]]:
    """A getter that takes these columns from a record at once; those that the rules see come from its `haggle`."""
    places = {"terms": "frozen_terms"} | {name: f"haggle.{name}" for name in RULED}
    return attrgetter(*(places.get(name, name) for name in names))
