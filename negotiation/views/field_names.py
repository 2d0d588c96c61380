"""REST's own names for the fields of moves, and the rows of its lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import DomainError
from core.money import money, round_money
from core.said import named
from core.web.drawn_pictures import picture_url
from negotiation.declarations import MEAL_KINDS
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side
from negotiation.selectors.snapshots import snapshot
from negotiation.views.status_labels import label_of

# REST's name → the command's field.
OPEN_NAMES = {
    "property_id": "property",
    "start_date": "start_date",
    "end_date": "end_date",
    "number_of_guests": "guests",
    "booking_type": "booking_type",
    "guest_price": "amount",
    "limit": "limit",
    "expires_in": "expires_in",
    "message": "message",
}


LIMIT_NAMES = {"amount": "amount", "expires_in": "expires_in"}


def offer_names(price: str) -> dict[str, str]:
    """The names of an offer's fields, where its price is called `price`."""
    return {price: "amount", "expires_in": "expires_in", "message": "message"}


def to_command(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The command's fields out of a body; everything else in it is ignored."""
    fields = {inner: body[outer] for outer, inner in names.items() if outer in body}
    meals = {kind: body[kind] for kind in MEAL_KINDS if body.get(kind)}
    return {**fields, "meals": meals} if meals else fields


def named_back(error: DomainError, names: Mapping[str, str]) -> DomainError:
    """The refusal with REST's names for its fields, also in its message."""
    outer = {inner: name for name, inner in names.items()}
    fields = {outer.get(name, name): texts for name, texts in error.fields.items()}
    first, _, _ = error.message.partition(": ")
    message = named(outer[first], error.fields[first][0]) if first in error.fields and first in outer else error.message
    return DomainError(error.code, message, params=error.params, fields=fields)


def row(record: NegotiationRecord, *, side: Side, absolute: Callable[[str], str]) -> dict[str, Any]:
    """A snapshot with what the frontend's lists show beside it."""
    quote = record.standing.quote if record.standing else record.terms.list_quote
    return snapshot(record, side=side, absolute=absolute) | {
        "property_id": record.property_id,
        "guest_id": record.guest_id,
        "host_id": record.host_id,
        "property_name": record.shown.title,
        "property_photo": picture_url(record.shown.photo, absolute),
        "check_in_date": record.start_date.isoformat(),
        "check_out_date": record.end_date.isoformat(),
        "number_of_guests": record.guests,
        "base_price": _a_night(record.terms.base, record.start_date, record.end_date),
        "platform_fee": quote["platform_fee"],
        "tax": quote["tax"],
        "default_price": money(record.haggle.list_amount),
        "guest_price": None if record.haggle.last_bid is None else money(record.haggle.last_bid),
        "host_price": None if record.haggle.last_ask is None else money(record.haggle.last_ask),
        "negotiation_status": label_of(record),
    }


def _a_night(base: Decimal, start: date, end: date) -> str:
    """The mean list price of a night."""
    return money(round_money(base / (end - start).days))
