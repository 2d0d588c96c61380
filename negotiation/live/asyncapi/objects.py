"""JSON Schemas of what travels: the objects, and each field that a command may have."""

from __future__ import annotations

from typing import Any

from negotiation.engine.parsing import MAX_EXPIRES_IN, MAX_GUESTS, MAX_MESSAGE, MAX_REASON, MEAL_KINDS
from negotiation.events import OFFER_STATUSES, STATUSES, SUPERSEDED_REASONS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time", "description": "ISO 8601, UTC, ends in Z"}
DATE: Schema = {"type": "string", "format": "date"}
MONEY: Schema = {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$"}
SIDE: Schema = {"enum": ["guest", "host"]}
ID: Schema = {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def an_object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def per_side(schema: Schema) -> Schema:
    return an_object({"guest": schema, "host": schema})


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


QUOTE_LINES = ("stay", "meals", "cleaning", "platform_fee", "tax", "total")
PERSON = an_object({"id": NUMBER, "name": TEXT})
OBJECTS: dict[str, Schema] = {
    "quote": an_object({"currency": TEXT, "nights": NUMBER, **dict.fromkeys(QUOTE_LINES, MONEY)}),
    "offer": an_object(
        {
            "id": NUMBER,
            "amount": MONEY,
            "by": SIDE,
            "made_at": TIME,
            "expires_at": TIME,
            "status": {"enum": list(OFFER_STATUSES)},
            "quote": ref("quote"),
        }
    ),
    "snapshot": an_object(
        {
            "id": NUMBER,
            "status": {"enum": list(STATUSES)},
            "turn": {"enum": ["guest", "host", None]},
            "property": an_object({"id": NUMBER, "title": TEXT, "photo": nullable(TEXT)}),
            "guest": PERSON,
            "host": PERSON,
            "start_date": DATE,
            "end_date": DATE,
            "guests": NUMBER,
            "booking_type": TEXT,
            "meals": {"type": "object"},
            "currency": TEXT,
            "list_amount": MONEY,
            "standing_offer": nullable(ref("offer")),
            "offers_left": per_side(NUMBER),
            "booking": nullable(NUMBER),
            "limits": per_side({"enum": ["none", "sealed", "spent"]}),
            "last_seq": NUMBER,
            "online": per_side({"type": "boolean"}),
            "seen": per_side(NUMBER),
            "created_at": TIME,
            "updated_at": TIME,
        },
        {"limit_mine": an_object({"amount": MONEY, "quote": ref("quote"), "expires_at": TIME})},
    ),
    "error": an_object({"code": ref("error_code"), "message": TEXT, "params": {"type": "object"}, "fields": {"type": "object"}}),
}  # fmt: skip

NO_DATA = an_object({})
OFFER_ID = an_object({"offer": NUMBER})
# kind of entry → its data.
ENTRY_DATA: dict[str, Schema] = {
    "negotiation.opened": an_object(
        {
            "property": an_object({"id": NUMBER, "title": TEXT}),
            "start_date": DATE,
            "end_date": DATE,
            "guests": NUMBER,
            "booking_type": TEXT,
            "list_amount": MONEY,
            "currency": TEXT,
        }
    ),
    "offer.made": an_object({"offer": ref("offer")}, {"terms": {"type": "object"}}),
    "offer.accepted": an_object({"offer": NUMBER, "booking": NUMBER, "amount": MONEY}),
    "offer.declined": an_object({"offer": NUMBER, "reason": TEXT}),
    "offer.withdrawn": OFFER_ID,
    "offer.extended": an_object({"offer": ref("offer")}),
    "offer.expired": an_object({"offer": nullable(NUMBER)}),
    "negotiation.closed": NO_DATA,
    "negotiation.superseded": an_object({"reason": {"enum": list(SUPERSEDED_REASONS)}}),
    "message.sent": an_object({"text": TEXT}),
    "limit.sealed": an_object({}, {"terms": {"type": "object"}}),
    "limit.unsealed": NO_DATA,
    "limit.missed": NO_DATA,
    "limit.met": an_object({"offer": ref("offer")}),
}

MEAL = an_object({"id": ID, "quantity": NUMBER, "date": DATE})
# name of a command's field → what it may be.
FIELDS: dict[str, Schema] = {
    "property": ID,
    "negotiation": ID,
    "offer": ID,
    "start_date": DATE,
    "end_date": DATE,
    "guests": {"type": "integer", "minimum": 1, "maximum": MAX_GUESTS},
    "booking_type": {"enum": ["stay", "stay_with_meal", "paying_guest"]},
    "amount": {"type": ["string", "number"], "description": "above 0, at most two decimals and 12 digits"},
    "meals": an_object({}, dict.fromkeys(MEAL_KINDS, list_of(MEAL))),
    "expires_in": {"type": "integer", "maximum": MAX_EXPIRES_IN, "description": "seconds"},
    "message": {"type": "string", "maxLength": MAX_MESSAGE},
    "text": {"type": "string", "minLength": 1, "maxLength": MAX_MESSAGE},
    "limit": {"type": ["string", "number"], "description": "rule 10: as amount, seen by its owner alone"},
    "reason": {"type": "string", "maxLength": MAX_REASON},
    "after_seq": {"type": "integer", "minimum": 0, "default": 0},
    "typing": {"type": "boolean"},
    "seq": {"type": "integer", "minimum": 0},
    "notification": {"oneOf": [*ID["oneOf"], {"const": "all"}]},
}
SEQ = an_object({"seq": NUMBER})
LIMITS = per_side({"enum": ["none", "sealed", "spent"]})
OFFER_REPLY = an_object({"offer": ref("offer"), "seq": NUMBER})
# command → the data of its reply.
REPLY_DATA: dict[str, Schema] = {
    "negotiation.open": ref("snapshot"),
    "negotiation.join": an_object(
        {"negotiation": ref("snapshot"), "entries": list_of(ref("entry")), "more": {"type": "boolean"}}
    ),
    "negotiation.leave": NO_DATA,
    "offer.make": OFFER_REPLY,
    "offer.accept": an_object({"booking": an_object({"id": NUMBER}), "seq": NUMBER}),
    "offer.decline": SEQ,
    "offer.withdraw": SEQ,
    "offer.extend": OFFER_REPLY,
    "limit.seal": an_object({"limits": LIMITS, "seq": NUMBER}, {"booking": an_object({"id": NUMBER})}),
    "limit.unseal": an_object({"limits": LIMITS, "seq": NUMBER}),
    "negotiation.close": SEQ,
    "message.send": SEQ,
    "typing.set": NO_DATA,
    "seen.mark": NO_DATA,
    "notification.read": an_object({"unread": NUMBER}),
    "ping": an_object({"server_time": TIME}),
}
