"""What the REST schema says of `/api/nego/`: the socket's own objects, and REST's names beside them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from negotiation.events import ENTRY_KINDS, STATUSES
from negotiation.live.asyncapi.objects import (
    DATE,
    FIELDS,
    MONEY,
    NUMBER,
    OBJECTS,
    SEQ,
    TEXT,
    TIME,
    Schema,
    an_object,
    list_of,
    nullable,
    ref,
)
from negotiation.views.status_labels import INPUT, WORDS

Documented = dict[str, Any]

ROW = an_object(
    {
        "property_id": NUMBER,
        "guest_id": NUMBER,
        "host_id": NUMBER,
        "property_name": TEXT,
        "property_photo": nullable(TEXT),
        "check_in_date": DATE,
        "check_out_date": DATE,
        "number_of_guests": NUMBER,
        "base_price": MONEY,
        "platform_fee": MONEY,
        "tax": MONEY,
        "default_price": MONEY,
        "guest_price": nullable(MONEY),
        "host_price": nullable(MONEY),
        "negotiation_status": TEXT,
    }
)
COMPONENTS: dict[str, Schema] = {
    "quote": OBJECTS["quote"],
    "offer": OBJECTS["offer"],
    "snapshot": OBJECTS["snapshot"],
    "negotiation": {"allOf": [ref("snapshot"), ROW]},
    "entry": an_object(
        {
            "type": {"const": "entry"},
            "negotiation": NUMBER,
            "seq": NUMBER,
            "at": TIME,
            "kind": {"enum": list(ENTRY_KINDS)},
            "actor": {"enum": ["guest", "host", "system"]},
            "data": {"type": "object"},
        }
    ),
}
LOG = {"negotiation": ref("negotiation"), "entries": list_of(ref("entry"))}
OFFER = {"expires_in": nullable(FIELDS["expires_in"]), "message": nullable(FIELDS["message"])}
MEALS = {kind: nullable(meals) for kind, meals in FIELDS["meals"]["properties"].items()}
ANSWER = {200: ref("negotiation")}


def body(required: dict[str, Schema], optional: dict[str, Schema]) -> dict[str, Schema]:
    return {"application/json": an_object(required, optional)}


# `guest_proposed/` takes the first, `host_proposed/` the second.
PRICES = {"guest_price": FIELDS["amount"], "host_price": FIELDS["amount"]}
PROPOSE: Documented = {"request": body({}, {**PRICES, **OFFER}), "responses": ANSWER}
LIST: Documented = {
    "parameters": [
        OpenApiParameter("status", enum=list(STATUSES)),
        OpenApiParameter("limit", int),
        OpenApiParameter("cursor"),
    ],
    "responses": {200: list_of(ref("negotiation"))},
}
START: Documented = {
    "request": body(
        {
            "property_id": FIELDS["property"],
            "start_date": DATE,
            "end_date": DATE,
            "number_of_guests": FIELDS["guests"],
            "booking_type": FIELDS["booking_type"],
        },
        {"guest_price": nullable(FIELDS["amount"]), "limit": nullable(FIELDS["limit"]), **OFFER, **MEALS},
    ),
    "responses": ANSWER,
}
UPDATE_STATUS: Documented = {
    "request": body(
        {"negotiation_status": {"enum": sorted({*WORDS, *(label for side in INPUT.values() for label in side)})}},
        {"offer": nullable(FIELDS["offer"]), "reason": nullable(FIELDS["reason"])},
    ),
    "responses": ANSWER,
}
SEAL: Documented = {
    "request": body({"amount": FIELDS["amount"]}, {"expires_in": nullable(FIELDS["expires_in"])}),
    "responses": ANSWER,
}
UNSEAL: Documented = {"request": None, "responses": ANSWER}
DETAILS: Documented = {"responses": {200: an_object(LOG)}}
ENTRIES: Documented = {
    "parameters": [
        OpenApiParameter("after_seq", int),
        OpenApiParameter("limit", int, description="At most 300, the default."),
    ],
    "responses": {200: an_object({**LOG, "more": {"type": "boolean"}})},
}
MESSAGES: Documented = {"request": body({"text": FIELDS["text"]}, {}), "responses": {201: SEQ}}


def add_objects(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A drf-spectacular hook: the objects that the schemas above name."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    return result
