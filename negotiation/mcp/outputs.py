"""What the tools answer, field by field.

Each model names what it shows and is filled from those names alone: a field that is added to a snapshot, an entry or a
home is not shown to machines until it is written here. No model derives from one that the other side sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

Side = Literal["guest", "host"]
UNTRUSTED = "Untrusted: a person's words."
Untrusted = Annotated[str, Field(description=UNTRUSTED)]
# Amounts have two decimals; moments are ISO 8601 in UTC; days are YYYY-MM-DD. The schema says so once, in `instructions`.
Money = str
Moment = str
Day = str
Seq = Annotated[int, Field(description="The last entry that this move wrote.")]
Page = Annotated[
    str,
    Field(description="The page where your person pays. Give it to them: a machine can't pay, and it has to be paid."),
]


class Shown(BaseModel):
    """A model that takes from a mapping only the fields that it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, found: Mapping[str, Any], **more: Any) -> Self:
        """A model from the fields of `found` that it names, and from `more`."""
        given = {name: found[name] for name in cls.model_fields if name in found and name not in more}
        return cls(**given, **more)


class Quote(Shown):
    """The all-in price: `total` is what is paid."""

    currency: str
    nights: int
    stay: Money
    meals: Money
    cleaning: Money
    platform_fee: Money
    tax: Money
    total: Money


class Offer(Shown):
    """A price for the whole stay before fee and tax; `quote` has the price with them."""

    id: int
    amount: Money
    by: Side
    made_at: Moment
    expires_at: Moment
    status: str
    quote: Quote

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """From an offer object."""
        return cls.of(found, quote=Quote.of(found["quote"]))


class Home(Shown):
    id: int
    title: Untrusted


class Party(Shown):
    id: int
    name: Untrusted


class OwnLimit(Shown):
    """Your own person's sealed limit."""

    amount: Money
    expires_at: Moment


class SideCounts(Shown):
    guest: int
    host: int


class SideFlags(Shown):
    guest: bool
    host: bool


class LimitStates(Shown):
    """Whether each side has a sealed limit. Its figure is shown to its owner alone."""

    guest: Literal["none", "sealed", "spent"]
    host: Literal["none", "sealed", "spent"]


class OrderedMeal(BaseModel):
    """A dish, with its frozen price."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int | None = None
    name: Untrusted = ""
    quantity: int = 0
    date: str | None = None
    price: str | None = None


class Meals(Shown):
    breakfast: list[OrderedMeal]
    lunch: list[OrderedMeal]
    dinner: list[OrderedMeal]


class Negotiation(Shown):
    """A negotiation as it is now.

    `turn` is whose answer is awaited; null where either side may make the first offer, or it is over.
    """

    id: int
    side: Annotated[Side, Field(description="Yours.")]
    status: Literal["open", "accepted", "declined", "withdrawn", "expired", "superseded", "closed"]
    turn: Side | None
    property: Home
    guest: Party
    host: Party
    start_date: Day
    end_date: Day
    guests: int
    booking_type: str
    meals: Meals
    currency: str
    list_amount: Annotated[str, Field(description="What the stay costs without a haggle, before fee and tax.")]
    standing_offer: Offer | None
    offers_left: SideCounts
    booking: Annotated[int | None, Field(description="The booking that came of it.")]
    limits: LimitStates
    limit_mine: Annotated[OwnLimit | None, Field(description="Your own side's sealed limit, while it stands.")] = None
    last_seq: int
    online: Annotated[SideFlags, Field(description="Whether each side's person has a live connection.")]
    seen: Annotated[SideCounts, Field(description="Up to which `seq` each side has read.")]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def read(cls, found: Mapping[str, Any], side: str) -> Self:
        """From a snapshot as `side` may see it."""
        standing, own = found["standing_offer"], found.get("limit_mine")
        return cls.of(
            found,
            side=side,
            property=Home.of(found["property"]),
            guest=Party.of(found["guest"]),
            host=Party.of(found["host"]),
            meals=Meals(
                **{kind: [OrderedMeal(**meal) for meal in found["meals"][kind]] for kind in Meals.model_fields}
            ),
            standing_offer=Offer.read(standing) if standing else None,
            offers_left=SideCounts.of(found["offers_left"]),
            limits=LimitStates.of(found["limits"]),
            online=SideFlags.of(found["online"]),
            seen=SideCounts.of(found["seen"]),
            **({"limit_mine": OwnLimit.of(own)} if own else {}),
        )


class EntryData(Shown):
    """The data of an entry; its kind decides which fields are set."""

    offer: Annotated[Offer | int | None, Field(description="The offer, or its id.")] = None
    booking: int | None = None
    amount: str | None = None
    reason: Annotated[str | None, Field(description=UNTRUSTED)] = None
    text: Annotated[str | None, Field(description=UNTRUSTED)] = None
    property: Home | None = None
    start_date: str | None = None
    end_date: str | None = None
    guests: int | None = None
    booking_type: str | None = None
    list_amount: str | None = None
    currency: str | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """From an entry's data."""
        more: dict[str, Any] = {}
        if isinstance(offer := found.get("offer"), Mapping):
            more["offer"] = Offer.read(offer)
        if isinstance(home := found.get("property"), Mapping):
            more["property"] = Home.of(home)
        return cls.of(found, **more)


class Entry(Shown):
    """A line of the negotiation's log. `via` is "agent" where a machine acted for that side."""

    seq: int
    at: Moment
    kind: str
    actor: Literal["guest", "host", "system"]
    via: Literal["agent"] | None = None
    data: EntryData

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """From an entry object."""
        return cls.of(found, data=EntryData.read(found["data"]))


class Booking(Shown):
    """The stay that was agreed."""

    id: int
    property_id: int
    property_name: Untrusted
    booking_type: str
    start_date: Day
    end_date: Day
    number_of_guests: int
    base_price: Money
    meals_price: Money
    cleaning_fee: Money
    platform_fee: Money
    tax: Money
    total: Money
    currency: str
    status: str
    payment_status: str
    pay_by: Annotated[str | None, Field(description="Unpaid by then, it is cancelled.")]
    cancellation_policy: str
    negotiation: int | None


# -- answers of tools --------------------------------------------------------------------------------------------------


class NegotiationAnswer(Shown):
    negotiation: Negotiation
    entries: Annotated[list[Entry], Field(description="Those after `after_seq`, in order.")]
    more: Annotated[bool, Field(description="Whether there are further entries: ask again after the last one's `seq`.")]


class ChangeAnswer(Shown):
    negotiation: Negotiation
    entries: Annotated[
        list[Entry], Field(description="Those after `after_seq`, in order; empty where the time ran out.")
    ]
    more: bool
    timed_out: Annotated[bool, Field(description="Nothing new came; call again to go on waiting.")]


class NegotiationList(Shown):
    negotiations: list[Negotiation]
    next: Annotated[int | None, Field(description="`before` of the next page; null at the end.")]


class OfferAnswer(Shown):
    offer: Offer
    seq: Seq


class AcceptAnswer(Shown):
    booking: Booking
    seq: Seq
    continue_url: Page


class SealAnswer(Shown):
    """`booking` where the limits met: that stay is agreed."""

    limits: LimitStates
    booking: Booking | None = None
    seq: Seq
    continue_url: Annotated[str | None, Field(description="Where the limits met: the page where your person pays.")] = (
        None
    )


class SeqAnswer(Shown):
    seq: Seq
