"""REST's own names for the fields of moves, and the rows of its lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import DomainError
from core.money import money, round_money
from core.web.drawn_pictures import picture_url
from negotiation.engine.parsing import MEAL_KINDS
from negotiation.selectors.snapshots import View, snapshot
from negotiation.views.status_labels import label_of

# REST's name → the command's field.
OPEN_NAMES = {
    "property_id": "property",
    "start_date": "start_date",
    "end_date": "end_date",
    "number_of_guests": "guests",
    "booking_type": "booking_type",
    "guest_price": "amount",
    "expires_in": "expires_in",
    "message": "message",
}


def offer_names(price: str) -> dict[str, str]:
    """The names of an offer's fields, where its price is called `price`."""
    return {price: "amount", "expires_in": "expires_in", "message": "message"}


def to_command(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The command's fields out of a body; everything else in it is ignored."""
    fields = {inner: body[outer] for outer, inner in names.items() if outer in body}
    meals = {kind: body[kind] for kind in MEAL_KINDS if body.get(kind)}
    return {**fields, "meals": meals} if meals else fields


def named_back(error: DomainError, names: Mapping[str, str]) -> DomainError:
    """A refusal whose fields, and the one that its message names, bear REST's names again."""
    outer = {inner: name for name, inner in names.items()}
    fields = {outer.get(name, name): texts for name, texts in error.fields.items()}
    first, colon, rest = error.message.partition(": ")
    message = f"{outer[first]}{colon}{rest}" if first in error.fields and first in outer else error.message
    return DomainError(error.code, message, params=error.params, fields=fields)


def row(view: View, *, absolute: Callable[[str], str]) -> dict[str, Any]:
    """A snapshot with what the frontend's lists show beside it."""
    quote = view.standing.quote if view.standing else view.terms["list_quote"]
    return snapshot(view, absolute=absolute) | {
        "property_id": view.property_id,
        "guest_id": view.guest.id,
        "host_id": view.host.id,
        "property_name": view.title,
        "property_photo": picture_url(view.photo, absolute),
        "check_in_date": view.start_date.isoformat(),
        "check_out_date": view.end_date.isoformat(),
        "number_of_guests": view.guests,
        "base_price": _a_night(view.terms["base"], view.start_date, view.end_date),
        "platform_fee": quote["platform_fee"],
        "tax": quote["tax"],
        "default_price": money(view.list_amount),
        "guest_price": None if view.last_bid is None else money(view.last_bid),
        "host_price": None if view.last_ask is None else money(view.last_ask),
        "negotiation_status": label_of(view),
    }


def _a_night(base: str, start: date, end: date) -> str:
    """The list price of a night, in the mean."""
    return money(round_money(Decimal(base) / (end - start).days))
