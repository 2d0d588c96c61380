"""Declares every command once: what it does, its fields and their values, the move it makes, and its reply.

The socket's table (`live/commands.py`), the readers of both doors (`engine/parsing.py`), `/ws/schema/` (`live/asyncapi/`)
and the REST schema (`views/openapi.py`) are made from these; docs/protocol.md and `hub-client.d.ts` are tested against
them. Where a field has a `source`, the move calls it by that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.serializers import ValidationError

from core.api.fields import DayField, IdField, PlainField, PriceField, TextField, WholeField, YesNoField, whole_number
from core.api.serializers import PlainSerializer
from core.errors import DomainError
from core.said import named, said
from negotiation import moves
from negotiation.schemas import (
    DATE,
    LIMITS,
    NO_DATA,
    NUMBER,
    OFFER_REPLY,
    SEQ,
    TIME,
    YES_NO,
    Schema,
    an_object,
    list_of,
    nullable,
    ref,
)
from properties.rules.menu import MAX_LINES, MAX_QUANTITY, MealOrder
from properties.rules.terms import BOOKING_TYPE_ALIASES, BOOKING_TYPES

MAX_EXPIRES_IN = 604_800
MAX_MESSAGE = 2000
MAX_REASON = 500
MAX_GUESTS = 10_000
MEAL_KINDS = ("breakfast", "lunch", "dinner")


# -- kinds of fields ---------------------------------------------------------------------------------------------------


class ExpiresInField(WholeField):
    """Seconds that an offer stands: from the setting OFFER_MIN_EXPIRES_IN to a week."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=MAX_EXPIRES_IN, **kwargs)

    def lowest(self) -> int:
        return int(settings.OFFER_MIN_EXPIRES_IN)

    def schema(self) -> Schema:
        return {"type": "integer", "maximum": self.most, "description": "seconds"}


class BookingTypeField(TextField):
    """stay, stay_with_meal or paying_guest; also the frontend's spellings."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=50, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        kind = BOOKING_TYPE_ALIASES.get(super().to_internal_value(data))
        if kind is None:
            self.refuse(said("Choose one of: %(choices)s.", choices=", ".join(BOOKING_TYPES)))
        return kind

    def schema(self) -> Schema:
        return {"enum": list(BOOKING_TYPES)}


class LimitField(PriceField):
    """The figure of a sealed limit."""

    def schema(self) -> Schema:
        return {"type": ["string", "number"], "description": "rule 10: as amount, seen by its owner alone"}


class MealLine(PlainSerializer):
    """A dish that is ordered; a quantity of 0 is no order."""

    id = IdField()
    quantity = WholeField(most=MAX_QUANTITY)
    date = DayField(required=False)


class MealsField(PlainField):
    """`{"breakfast": [{"id", "quantity", "date"}], …}`; an absent kind means none of it."""

    def to_internal_value(self, data: Any) -> tuple[MealOrder, ...]:
        if not isinstance(data, dict):
            self.refuse('Give {"breakfast": [{"id", "quantity", "date"}], "lunch": […], "dinner": […]}.')
        orders: list[MealOrder] = []
        errors: list[str] = []
        for kind in MEAL_KINDS:
            for line in self._lines(kind, data.get(kind), errors):
                self._order(kind, line, orders, errors)
        if errors:
            raise ValidationError(errors)
        return tuple(orders)

    def _lines(self, kind: str, lines: Any, errors: list[str]) -> list[dict[str, Any]]:
        if lines in (None, ""):
            return []
        if isinstance(lines, list) and all(isinstance(line, dict) for line in lines) and len(lines) <= MAX_LINES:
            return lines
        text = said('give a list of {"id", "quantity", "date"}, at most %(most)s.', most=MAX_LINES)
        errors.append(named(kind, text))
        return []

    def _order(self, kind: str, line: dict[str, Any], orders: list[MealOrder], errors: list[str]) -> None:
        try:
            read = MealLine.read(line)
        except DomainError as error:
            errors += [named(kind, named(name, texts[0])) for name, texts in error.fields.items()]
            return
        if read["quantity"]:
            orders.append(MealOrder(kind, read["id"], read["quantity"], read.get("date")))

    def schema(self) -> Schema:
        line = an_object({"id": IdField().schema(), "quantity": NUMBER}, {"date": nullable(DATE)})
        return an_object({}, dict.fromkeys(MEAL_KINDS, list_of(line)))


class NotificationField(PlainField):
    """A notification's id, or "all"."""

    def to_internal_value(self, data: Any) -> int | str:
        if data == "all":
            return "all"
        number = whole_number(data)
        if number is None:
            self.refuse("Give an id: a whole number.")
        return number

    def schema(self) -> Schema:
        return {"oneOf": [*IdField().schema()["oneOf"], {"const": "all"}]}


# -- fields of the commands --------------------------------------------------------------------------------------------


class OpenFields(PlainSerializer):
    property = IdField(source="property_id")
    start_date = DayField()
    end_date = DayField()
    guests = WholeField(least=1, most=MAX_GUESTS)
    booking_type = BookingTypeField()
    amount = PriceField(required=False)
    limit = LimitField(required=False)
    meals = MealsField(required=False)
    expires_in = ExpiresInField(required=False)
    message = TextField(most=MAX_MESSAGE, required=False)


class OfferMakeFields(PlainSerializer):
    negotiation = IdField(source="negotiation_id")
    amount = PriceField()
    expires_in = ExpiresInField(required=False)
    message = TextField(most=MAX_MESSAGE, required=False)


class OfferFields(PlainSerializer):
    negotiation = IdField(source="negotiation_id")
    offer = IdField(source="offer_id")


class DeclineFields(OfferFields):
    reason = TextField(most=MAX_REASON, required=False)


class ExtendFields(OfferFields):
    expires_in = ExpiresInField()


class SealFields(PlainSerializer):
    negotiation = IdField(source="negotiation_id")
    amount = PriceField()
    expires_in = ExpiresInField(required=False)


class NegotiationFields(PlainSerializer):
    negotiation = IdField(source="negotiation_id")


class MessageFields(NegotiationFields):
    text = TextField(most=MAX_MESSAGE)


class JoinFields(NegotiationFields):
    after_seq = WholeField(required=False)


class TypingFields(NegotiationFields):
    typing = YesNoField()


class SeenFields(NegotiationFields):
    seq = WholeField()


class ReadFields(PlainSerializer):
    notification = NotificationField()


class NoFields(PlainSerializer):
    pass


# -- the commands ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A command. `reply` is the JSON Schema of its reply's data; a `kept` one is done once, and its outcome kept for 24 h."""

    name: str
    description: str
    fields: type[PlainSerializer]
    reply: Schema
    kept: bool = False
    # The engine's move that it makes; None for commands of the socket alone.
    move: type[moves.Move] | None = None


def _move(move: type[moves.Move], description: str, fields: type[PlainSerializer], reply: Schema = SEQ) -> Declaration:
    return Declaration(name=move.kind, description=description, fields=fields, reply=reply, kept=True, move=move)


JOINED = an_object({"negotiation": ref("snapshot"), "entries": list_of(ref("entry")), "more": YES_NO})
SEALED = an_object({"limits": LIMITS, "seq": NUMBER}, {"booking": ref("Booking")})
UNSEALED = an_object({"limits": LIMITS, "seq": NUMBER})
AGREED = an_object({"booking": ref("Booking"), "seq": NUMBER})
_ALL = (
    _move(moves.Open, "Opens a negotiation, without an amount a question, and joins it.", OpenFields, ref("snapshot")),
    Declaration(
        name="negotiation.join",
        description="Follows a negotiation: its snapshot and the entries after `after_seq`, at most 300; then each live.",
        fields=JoinFields,
        reply=JOINED,
    ),
    Declaration(
        name="negotiation.leave",
        description="Follows a negotiation no longer.",
        fields=NegotiationFields,
        reply=NO_DATA,
    ),
    _move(moves.MakeOffer, "Names a price: a concession, when it is the own turn.", OfferMakeFields, OFFER_REPLY),
    _move(moves.Accept, "Accepts the standing offer; a confirmed booking comes of it.", OfferFields, AGREED),
    _move(moves.Decline, "Declines the standing offer, which ends the negotiation.", DeclineFields),
    _move(moves.Withdraw, "Takes the own standing offer back, which ends the negotiation.", OfferFields),
    _move(moves.Extend, "Lets the own standing offer stand longer.", ExtendFields, OFFER_REPLY),
    _move(
        moves.Seal, "Seals how far one would go; the second in a negotiation is compared with it.", SealFields, SEALED
    ),
    _move(moves.Unseal, "Takes the own sealed limit back.", NegotiationFields, UNSEALED),
    _move(moves.CloseQuestion, "Ends a question.", NegotiationFields),
    _move(moves.SendMessage, "Says something.", MessageFields),
    Declaration(
        name="typing.set",
        description="Shows the other side that one types, or stopped.",
        fields=TypingFields,
        reply=NO_DATA,
    ),
    Declaration(name="seen.mark", description="Marks the log as read up to `seq`.", fields=SeenFields, reply=NO_DATA),
    Declaration(
        name="notification.read",
        description="Marks a notification as read, or all.",
        fields=ReadFields,
        reply=an_object({"unread": NUMBER}),
        kept=True,
    ),
    Declaration(
        name="ping", description="Asks for the hub's time.", fields=NoFields, reply=an_object({"server_time": TIME})
    ),
)
DECLARATIONS: dict[str, Declaration] = {declaration.name: declaration for declaration in _ALL}
# name of a field → its schema, the same in every command.
FIELDS: dict[str, Schema] = {
    name: schema for declaration in reversed(_ALL) for name, schema in declaration.fields.schemas().items()
}
