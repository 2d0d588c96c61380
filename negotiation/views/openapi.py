"""What the REST schema says of `/api/nego/`: the socket's own objects, and REST's names beside them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from core.api.json_schema import (
    DAY,
    ID,
    MONEY,
    TEXT,
    TIME,
    WHOLE,
    YES_NO,
    Schema,
    about,
    component,
    maybe,
    record,
    ref,
    rows,
    words,
)
from core.api.openapi import paged
from core.api.tolerant_schema import MONEY_INPUT, NOT_GIVEN, NUMBER_TEXT
from core.errors import Code
from negotiation.declarations import MEAL_KINDS
from negotiation.events import AGENT, ENTRY_KINDS, STATUSES
from negotiation.live.asyncapi.objects import ENTRY_DATA, FIELDS, OBJECTS
from negotiation.live.asyncapi.objects import MONEY as SOCKET_MONEY
from negotiation.views.status_labels import FIXED, INPUT, WORDS
from properties.views.answers import BOOKING_TYPE, CURRENCY, PICTURE

Documented = dict[str, Any]
# What each move may refuse, beside what every command may.
OPENING = (
    Code.MANDATE_EXCEEDED,
    Code.STAY_NOT_PAYABLE,
    Code.NOT_FOUND,
    Code.PROPERTY_NOT_LISTED,
    Code.NEGOTIATION_NOT_OFFERED,
    Code.DATES_INVALID,
    Code.STAY_TOO_MANY_GUESTS,
    Code.NEGOTIATION_ALREADY_OPEN,
    Code.OFFER_LIMIT_REACHED,
    Code.OFFER_NOT_A_CONCESSION,
    Code.DATES_TAKEN,
    Code.OFFER_EXPIRED,
    Code.OFFER_NOT_YOUR_TURN,
    Code.NEGOTIATION_CLOSED,
    Code.BOOKING_TOO_MANY_UNPAID,
)
OFFERING = (
    Code.MANDATE_EXCEEDED,
    Code.STAY_NOT_PAYABLE,
    Code.NEGOTIATION_CLOSED,
    Code.OFFER_EXPIRED,
    Code.OFFER_NOT_YOUR_TURN,
    Code.OFFER_LIMIT_REACHED,
    Code.OFFER_NOT_A_CONCESSION,
    Code.BOOKING_TOO_MANY_UNPAID,
    Code.DATES_TAKEN,
    Code.DATES_INVALID,
    Code.STAY_TOO_MANY_GUESTS,
    Code.PROPERTY_NOT_LISTED,
)
ANSWERING = (
    Code.MANDATE_EXCEEDED,
    Code.STAY_NOT_PAYABLE,
    Code.NEGOTIATION_CLOSED,
    Code.OFFER_EXPIRED,
    Code.OFFER_STALE,
    Code.OFFER_NOT_YOUR_TURN,
    Code.BOOKING_TOO_MANY_UNPAID,
    Code.DATES_TAKEN,
    Code.PROPERTY_NOT_LISTED,
)
SEALING = (
    *(code for code in OFFERING if code != Code.OFFER_NOT_YOUR_TURN),
    Code.LIMIT_ALREADY_SEALED,
    Code.LIMIT_SPENT,
)
UNSEALING = (Code.MANDATE_EXCEEDED, Code.NEGOTIATION_CLOSED, Code.OFFER_EXPIRED, Code.LIMIT_SPENT)
TALKING = (Code.MANDATE_EXCEEDED, Code.NEGOTIATION_CLOSED)
# The socket's objects that REST answers too, and their names there.
NAMES = {"quote": "Quote", "offer": "Offer", "snapshot": "Snapshot", "meal": "OrderedMeal", "terms": "SettledTerms"}


def as_rest(schema: Any) -> Any:
    """A schema of the socket in the words of REST's own: the same meaning, so that generators have one type for it."""
    if isinstance(schema, list):
        return [as_rest(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema == SOCKET_MONEY:
        return MONEY
    if name := schema.get("$ref"):
        return ref(NAMES[str(name).rsplit("/", 1)[-1]])
    if "oneOf" in schema and {"type": "null"} in schema["oneOf"]:
        [other] = [part for part in schema["oneOf"] if part != {"type": "null"}]
        return maybe(as_rest(other))
    if set(schema) == {"enum"}:
        texts = [word for word in schema["enum"] if word is not None]
        return maybe(words(*texts)) if None in schema["enum"] else words(*texts)
    if set(schema) == {"const"}:
        return {"type": "string", "const": schema["const"]}
    return {name: as_rest(part) for name, part in schema.items()}


def _fields(schema: Schema) -> dict[str, Schema]:
    """The properties of one of the socket's objects."""
    properties: dict[str, Schema] = as_rest(schema["properties"])
    return properties


MEAL = component("OrderedMeal", record({"id": ID, "name": TEXT, "price": MONEY, "quantity": WHOLE, "date": maybe(DAY)}))
ALL_FIELDS = _fields(OBJECTS["snapshot"])
SNAPSHOT_FIELDS = {
    **{name: ALL_FIELDS[name] for name in OBJECTS["snapshot"]["required"]},
    "property": record({"id": ID, "title": TEXT, "photo": PICTURE}),
    "booking_type": BOOKING_TYPE,
    "meals": record(dict.fromkeys(MEAL_KINDS, rows(MEAL))),
    "currency": CURRENCY,
}
component("Offer", as_rest(OBJECTS["offer"]))
component("SettledTerms", as_rest(OBJECTS["terms"]))
# What only its owner sees of a sealed limit.
OWN = {name: schema for name, schema in ALL_FIELDS.items() if name not in SNAPSHOT_FIELDS}
component("Snapshot", record(SNAPSHOT_FIELDS, OWN))
STATUS = component("NegotiationStatus", words(*STATUSES))
LABELS = sorted(
    {*FIXED.values(), "Question", "Cancelled"}
    | {f"{side} {word}" for side in ("Guest", "Host") for word in ("Proposed", "Payment")}
    | {f"{verb} By {side}" for side in ("Guest", "Host") for verb in ("Accepted", "Rejected")}
)
NEGOTIATION = component(
    "Negotiation",
    record(
        {
            **SNAPSHOT_FIELDS,
            "status": STATUS,
            "property_id": ID,
            "guest_id": ID,
            "host_id": ID,
            "property_name": TEXT,
            "property_photo": PICTURE,
            "check_in_date": DAY,
            "check_out_date": DAY,
            "number_of_guests": WHOLE,
            "base_price": about(MONEY, "The list price of a night, in the mean."),
            "platform_fee": MONEY,
            "tax": MONEY,
            "default_price": about(MONEY, "The list amount; as the two below before fee and tax."),
            "guest_price": about(maybe(MONEY), "The last bid."),
            "host_price": about(maybe(MONEY), "The last ask."),
            "negotiation_status": component("NegotiationLabel", words(*LABELS)),
        },
        OWN,
        about="The snapshot of docs/protocol.md, with the names of the web frontend beside it.",
    ),
)


def _entry(kind: str) -> Schema:
    """One kind of line of the log, its data spelt out."""
    name = "".join(part.title() for part in kind.split(".")) + "Entry"
    common = {"type": {"type": "string", "const": "entry"}, "negotiation": ID, "seq": WHOLE, "at": TIME}
    data = as_rest(ENTRY_DATA[kind])
    actor = words(*ENTRY_KINDS[kind])
    fields = {**common, "kind": {"type": "string", "const": kind}, "actor": actor, "data": data}
    via: Schema = {"type": "string", "const": AGENT, "description": "A machine made it for its actor, under a mandate."}
    return component(name, record(fields, {} if actor["enum"] == ["system"] else {"via": via}))


ENTRIES_OF = {kind: _entry(kind) for kind in ENTRY_KINDS}
ENTRY = component(
    "Entry",
    {
        "oneOf": list(ENTRIES_OF.values()),
        "discriminator": {
            "propertyName": "kind",
            "mapping": {kind: named["$ref"] for kind, named in ENTRIES_OF.items()},
        },
    },
)
LOG = component("NegotiationLog", record({"negotiation": NEGOTIATION, "entries": rows(ENTRY)}))
LOG_PAGE = component("NegotiationLogPage", record({"negotiation": NEGOTIATION, "entries": rows(ENTRY), "more": YES_NO}))
AGENT_LINE = component(
    "AgentLogLine",
    record(
        {
            "id": ID,
            "at": TIME,
            "type": about(TEXT, "The command."),
            "negotiation": maybe(ID),
            "property": maybe(record({"id": ID, "title": TEXT})),
            "entry": maybe(ENTRY),
            "code": about(maybe(TEXT), "Why it was refused."),
            "limit": about(maybe(TEXT), "The limit that it would have passed."),
            "times": about(WHOLE, "Refusals alike are one line."),
        }
    ),
)
AGENT_LOG: Documented = paged(AGENT_LINE)
SENT = component("SentMessage", record({"seq": WHOLE}))

ANSWER = {200: NEGOTIATION}
WHOLE_INPUT: Schema = {"anyOf": [{"type": "integer", "minimum": 0}, NUMBER_TEXT]}


def optional(schema: Schema) -> Schema:
    """A field of a body that null and "" leave out."""
    return {"anyOf": [*(schema["anyOf"] if set(schema) == {"anyOf"} else [schema]), NOT_GIVEN]}


ORDER = component(
    "MealOrderRequest",
    record({"id": WHOLE_INPUT}, {"quantity": optional(WHOLE_INPUT), "date": optional(DAY)}),
)
OFFER: dict[str, Schema] = {
    "message": maybe({"type": "string", "maxLength": FIELDS["message"]["maxLength"]}),
    "expires_in": about(
        optional({"anyOf": [{"type": "integer", "maximum": FIELDS["expires_in"]["maximum"]}, NUMBER_TEXT]}),
        "Seconds; not given: 86400.",
    ),
}
MEALS = dict.fromkeys(MEAL_KINDS, optional(rows(ORDER)))


def body(name: str, required: dict[str, Schema], more: dict[str, Schema] | None = None) -> dict[str, Schema]:
    return {"application/json": component(name, record(required, more))}


LIST: Documented = paged(NEGOTIATION, OpenApiParameter("status", enum=list(STATUSES)))
START: Documented = {
    "request": body(
        "StartNegotiationRequest",
        {
            "property_id": WHOLE_INPUT,
            "start_date": DAY,
            "end_date": DAY,
            "number_of_guests": {"anyOf": [{"type": "integer", "minimum": 1}, NUMBER_TEXT]},
            "booking_type": BOOKING_TYPE,
        },
        {
            "guest_price": about(optional(MONEY_INPUT), "The first bid; without it, and without `limit`, a question."),
            "limit": about(optional(MONEY_INPUT), "The most that the guest agrees to, sealed."),
            **OFFER,
            **MEALS,
        },
    ),
    "responses": ANSWER,
}
PROPOSE: dict[str, Documented] = {
    side: {
        "request": body(f"{side.title()}ProposedRequest", {f"{side}_price": MONEY_INPUT}, OFFER),
        "responses": ANSWER,
    }
    for side in ("guest", "host")
}
UPDATE_STATUS: Documented = {
    "request": body(
        "UpdateNegotiationStatusRequest",
        {"negotiation_status": words(*sorted({*WORDS, *(label for side in INPUT.values() for label in side)}))},
        {
            "offer": about(optional(WHOLE_INPUT), "The offer that was seen; not given: the standing one."),
            "reason": maybe({"type": "string", "maxLength": FIELDS["reason"]["maxLength"]}),
        },
    ),
    "responses": ANSWER,
}
SEAL: Documented = {
    "request": body("SealLimitRequest", {"amount": MONEY_INPUT}, {"expires_in": OFFER["expires_in"]}),
    "responses": ANSWER,
}
UNSEAL: Documented = {"request": None, "responses": ANSWER}
DETAILS: Documented = {"responses": {200: LOG}}
ENTRIES: Documented = {
    "parameters": [
        OpenApiParameter("after_seq", {"type": "integer", "minimum": 0, "default": 0}),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 300, "default": 300}),
    ],
    "responses": {200: LOG_PAGE},
}
MESSAGES: Documented = {
    "request": body("MessageRequest", {"text": {"type": "string", "minLength": 1, "maxLength": 2000}}),
    "responses": {201: SENT},
}
