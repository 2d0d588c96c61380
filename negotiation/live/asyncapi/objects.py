"""JSON Schemas of the objects on the wire, and of each field that a command may have."""

from __future__ import annotations

import core.api.refusals  # noqa: F401 - names ErrorParams and ErrorFields
from core.api.json_schema import COMPONENTS
from negotiation.declarations import DECLARATIONS, FIELDS, MEAL_KINDS
from negotiation.events import OFFER_STATUSES, STATUSES, SUPERSEDED_REASONS
from negotiation.schemas import (
    DATE,
    LIMITS,
    MONEY,
    NO_DATA,
    NUMBER,
    SEQ,
    SIDE,
    TEXT,
    TIME,
    Schema,
    an_object,
    list_of,
    nullable,
    per_side,
    ref,
)
from properties.rules.terms import BOOKING_TYPES

__all__ = [
    "DATE",
    "FIELDS",
    "MONEY",
    "NUMBER",
    "SEQ",
    "TEXT",
    "TIME",
    "Schema",
    "an_object",
    "list_of",
    "nullable",
    "ref",
]

QUOTE_LINES = ("stay", "meals", "cleaning", "platform_fee", "tax", "total")
PERSON = an_object({"id": NUMBER, "name": TEXT})
PICTURE: Schema = {"type": "string", "format": "uri", "description": "A drawn one where the home has no photo."}
BOOKING_TYPE: Schema = {"enum": list(BOOKING_TYPES)}
MEAL: dict[str, Schema] = {
    "id": NUMBER, "name": TEXT, "price": MONEY, "quantity": NUMBER, "date": nullable(DATE),
}  # fmt: skip
OBJECTS: dict[str, Schema] = {
    "meal": an_object(MEAL),
    "terms": an_object(
        {
            "guests": NUMBER,
            "booking_type": BOOKING_TYPE,
            "meals": list_of(an_object({"kind": {"enum": list(MEAL_KINDS)}, **MEAL})),
            "list_amount": MONEY,
            "offers_per_side": NUMBER,
        }
    ),
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
            "property": an_object({"id": NUMBER, "title": TEXT, "photo": PICTURE}),
            "guest": PERSON,
            "host": PERSON,
            "start_date": DATE,
            "end_date": DATE,
            "guests": NUMBER,
            "booking_type": BOOKING_TYPE,
            "meals": an_object(dict.fromkeys(MEAL_KINDS, list_of(ref("meal")))),
            "currency": TEXT,
            "list_amount": MONEY,
            "standing_offer": nullable(ref("offer")),
            "offers_left": per_side(NUMBER),
            "booking": nullable(NUMBER),
            "limits": LIMITS,
            "last_seq": NUMBER,
            "online": per_side({"type": "boolean"}),
            "seen": per_side(NUMBER),
            "created_at": TIME,
            "updated_at": TIME,
        },
        {"limit_mine": an_object({"amount": MONEY, "quote": ref("quote"), "expires_at": TIME})},
    ),
    "error": an_object(
        {
            "code": ref("error_code"),
            "message": TEXT,
            "params": COMPONENTS["ErrorParams"],
            "fields": COMPONENTS["ErrorFields"],
        }
    ),
}  # fmt: skip

OFFER_ID = an_object({"offer": NUMBER})
# kind of entry → the fields of its data.
ENTRY_DATA: dict[str, Schema] = {
    "negotiation.opened": an_object(
        {
            "property": an_object({"id": NUMBER, "title": TEXT}),
            "start_date": DATE,
            "end_date": DATE,
            "guests": NUMBER,
            "booking_type": BOOKING_TYPE,
            "list_amount": MONEY,
            "currency": TEXT,
        }
    ),
    "offer.made": an_object({"offer": ref("offer")}, {"terms": ref("terms")}),
    "offer.accepted": an_object({"offer": NUMBER, "booking": NUMBER, "amount": MONEY}),
    "offer.declined": an_object({"offer": NUMBER, "reason": TEXT}),
    "offer.withdrawn": OFFER_ID,
    "offer.extended": an_object({"offer": ref("offer")}),
    "offer.expired": an_object({"offer": nullable(NUMBER)}),
    "negotiation.closed": NO_DATA,
    "negotiation.superseded": an_object({"reason": {"enum": list(SUPERSEDED_REASONS)}}),
    "message.sent": an_object({"text": TEXT}),
    "limit.sealed": an_object({}, {"terms": ref("terms")}),
    "limit.unsealed": NO_DATA,
    "limit.missed": NO_DATA,
    "limit.met": an_object({"offer": ref("offer")}),
    "list.lowered": an_object({"list_amount": MONEY}),
}

# command → the data of its reply.
REPLY_DATA: dict[str, Schema] = {name: declaration.reply for name, declaration in DECLARATIONS.items()}
