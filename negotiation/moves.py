"""The moves as values: what REST or the socket has parsed, before anything is read from the database."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core import clock
from core.errors import DomainError
from core.values import value
from properties.rules.menu import MealOrder


@value(kw_only=True)
class Move:
    """A move by a user. `key` is the command's id; None where the client gave none."""

    kind: ClassVar[str] = ""
    # Whether the move must lock the property's row before anything is decided.
    deep: ClassVar[bool] = False

    actor_id: int
    key: str | None = None
    fingerprint: bytes = b""
    # The mandate of the machine that moves for the actor; None where the actor moves in person.
    mandate_id: int | None = None
    # When the command arrived, in Unix seconds, for the histogram of delivery times.
    came_at: float = field(default_factory=clock.unix, compare=False, repr=False)


@value(kw_only=True)
class Open(Move):
    """`negotiation.open`. Without `amount` and `limit` it opens a question."""

    kind: ClassVar[str] = "negotiation.open"
    deep: ClassVar[bool] = True

    property_id: int
    start_date: date
    end_date: date
    guests: int
    booking_type: str
    amount: Decimal | None = None
    # The most that the guest agrees to, sealed with the opening (rule 10).
    limit: Decimal | None = field(default=None, repr=False)
    meals: tuple[MealOrder, ...] = ()
    expires_in: int | None = None
    message: str | None = None

    @property
    def is_question(self) -> bool:
        """Whether the move neither offers a price nor seals a limit."""
        return self.amount is None and self.limit is None

    @property
    def guest_id(self) -> int:
        """The guest, who is the actor: only guests open."""
        return self.actor_id


@value(kw_only=True)
class Within(Move):
    """A move in an existing negotiation."""

    negotiation_id: int

    @property
    def offer_named(self) -> int | None:
        """The id of the offer that the move names; None without one."""
        return None


@value(kw_only=True)
class MakeOffer(Within):
    """`offer.make`. `side` is set by REST calls that are for one side only."""

    kind: ClassVar[str] = "offer.make"

    amount: Decimal
    expires_in: int | None = None
    message: str | None = None
    side: str | None = None


@value(kw_only=True)
class MakeOfferDeep(MakeOffer):
    """An offer that needs the property's lock: the first in a question, or a bid that weighs (`decide._is_weighty`).

    It keeps the id that it drew before that was known, because a gap in the ids would reveal the host's rules.
    """

    deep: ClassVar[bool] = True

    new_offer_id: int = 0


@value(kw_only=True)
class OnOffer(Within):
    """A move about an offer. Without `offer_id` it is about the standing offer."""

    offer_id: int | None = None

    @property
    def offer_named(self) -> int | None:
        return self.offer_id


@value(kw_only=True)
class Accept(OnOffer):
    """`offer.accept`. With `lenient` an offer that is accepted already is no error."""

    kind: ClassVar[str] = "offer.accept"
    deep: ClassVar[bool] = True

    lenient: bool = False


@value(kw_only=True)
class Decline(OnOffer):
    """`offer.decline`."""

    kind: ClassVar[str] = "offer.decline"
    reason: str | None = None


@value(kw_only=True)
class Withdraw(OnOffer):
    """`offer.withdraw`."""

    kind: ClassVar[str] = "offer.withdraw"


@value(kw_only=True)
class Extend(OnOffer):
    """`offer.extend`."""

    kind: ClassVar[str] = "offer.extend"
    expires_in: int


@value(kw_only=True)
class Seal(Within):
    """`limit.seal`. The second limit in a negotiation is compared with the first, and may agree on the stay."""

    kind: ClassVar[str] = "limit.seal"
    deep: ClassVar[bool] = True

    amount: Decimal = field(repr=False)
    expires_in: int | None = None


@value(kw_only=True)
class Unseal(Within):
    """`limit.unseal`."""

    kind: ClassVar[str] = "limit.unseal"


@value(kw_only=True)
class SendMessage(Within):
    """`message.send`."""

    kind: ClassVar[str] = "message.send"
    text: str


@value(kw_only=True)
class CloseQuestion(Within):
    """`negotiation.close`."""

    kind: ClassVar[str] = "negotiation.close"


@value(kw_only=True)
class Unreadable(Move):
    """A move whose fields could not be read. Its refusal is an outcome like any other, and is stored for repeats."""

    kind: ClassVar[str] = "unreadable"
    error: DomainError
    # The name of the command that the client sent.
    asked_kind: str = ""


@value(kw_only=True)
class Expire(Within):
    """Ends what is past its time, for the clock or for a reader. Neither side makes it, and no outcome is stored."""

    kind: ClassVar[str] = "expire"


@value(kw_only=True)
class AutoDecline(Within):
    """Makes the host's delayed automatic decline. The clock makes this move."""

    kind: ClassVar[str] = "auto.decline"


@value(kw_only=True)
class NotifyExpiring(Within):
    """Notifies both sides that the standing offer is in the last tenth of its life. The clock makes this move."""

    kind: ClassVar[str] = "offer.expiring"
