"""The moves as values: what a door has parsed, before anything is read from the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core import clock
from core.errors import DomainError
from properties.rules.menu import MealOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move by a user. `key` is the command's id, None where the client gave none."""

    kind: ClassVar[str] = ""
    # Whether the property's row must be locked before anything is decided.
    deep: ClassVar[bool] = False

    actor_id: int
    key: str | None = None
    fingerprint: bytes = b""
    # The mandate of the machine that moves for the actor; None: they move themselves.
    mandate_id: int | None = None
    # Unix seconds, for the histogram of delivery times.
    came_at: float = field(default_factory=clock.unix, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Move):
    """`negotiation.open`; without `amount` and `limit` a question."""

    kind: ClassVar[str] = "negotiation.open"
    deep: ClassVar[bool] = True

    property_id: int
    start_date: date
    end_date: date
    guests: int
    booking_type: str
    amount: Decimal | None = None
    # Rule 10: the most that the guest agrees to, sealed with the opening.
    limit: Decimal | None = field(default=None, repr=False)
    meals: tuple[MealOrder, ...] = ()
    expires_in: int | None = None
    message: str | None = None

    @property
    def is_question(self) -> bool:
        """Neither a price is named nor a limit sealed."""
        return self.amount is None and self.limit is None

    @property
    def guest_id(self) -> int:
        """The guest, who is the one that opens."""
        return self.actor_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Move):
    """A move in a negotiation that exists."""

    negotiation_id: int

    @property
    def offer_named(self) -> int | None:
        """The offer that the move names, if any."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer(Within):
    """`offer.make`. `side` is given by doors that are for one side only."""

    kind: ClassVar[str] = "offer.make"

    amount: Decimal
    expires_in: int | None = None
    message: str | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOfferDeep(MakeOffer):
    """An offer that may need the property's lock: the first in a question, or one that may be accepted automatically.

    It keeps the id that it drew before that was known: a gap in the ids would reveal the host's rules.
    """

    deep: ClassVar[bool] = True

    new_offer_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOffer(Within):
    """A move about an offer; without `offer_id` the standing one is meant."""

    offer_id: int | None = None

    @property
    def offer_named(self) -> int | None:
        return self.offer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(OnOffer):
    """`offer.accept`; `lenient`: nothing more happens where it is accepted already."""

    kind: ClassVar[str] = "offer.accept"
    deep: ClassVar[bool] = True

    lenient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(OnOffer):
    """`offer.decline`."""

    kind: ClassVar[str] = "offer.decline"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(OnOffer):
    """`offer.withdraw`."""

    kind: ClassVar[str] = "offer.withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(OnOffer):
    """`offer.extend`."""

    kind: ClassVar[str] = "offer.extend"
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal(Within):
    """`limit.seal`: the second one in a negotiation is compared with the first, and may agree on a stay."""

    kind: ClassVar[str] = "limit.seal"
    deep: ClassVar[bool] = True

    amount: Decimal = field(repr=False)
    expires_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseal(Within):
    """`limit.unseal`."""

    kind: ClassVar[str] = "limit.unseal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(Within):
    """`message.send`."""

    kind: ClassVar[str] = "message.send"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseQuestion(Within):
    """`negotiation.close`."""

    kind: ClassVar[str] = "negotiation.close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Move):
    """A move whose fields could not be read: its refusal is an outcome like any other, kept for a repeat."""

    kind: ClassVar[str] = "unreadable"
    error: DomainError
    # The command that it was meant to be.
    asked_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Within):
    """Ends what is past its time, on behalf of the clock or a reader. It is no side's move, and no outcome is kept."""

    kind: ClassVar[str] = "expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoDecline(Within):
    """Gives the host's delayed automatic decline; the clock makes this move."""

    kind: ClassVar[str] = "auto.decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyExpiring(Within):
    """Tells both sides that the standing offer is in the last tenth of its life; the clock makes this move."""

    kind: ClassVar[str] = "offer.expiring"
