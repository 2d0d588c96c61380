"""From a command's or a body's fields to a move. Both doors read here, so the same content is the same move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from django.conf import settings

from core.api.fields import Fields
from core.api.idempotency import fingerprint
from core.errors import DomainError
from negotiation.engine.moves import (
    Accept,
    CloseQuestion,
    Decline,
    Extend,
    MakeOffer,
    Move,
    Open,
    Seal,
    SendMessage,
    Unreadable,
    Unseal,
    Withdraw,
)
from properties.rules.menu import MealOrder
from properties.rules.terms import BOOKING_TYPE_ALIASES

MAX_EXPIRES_IN = 604_800
MAX_MESSAGE = 2000
MAX_REASON = 500
MAX_GUESTS = 10_000
MEAL_KINDS = ("breakfast", "lunch", "dinner")
NOT_CONTENT = frozenset({"actor_id", "key", "fingerprint", "came_at", "lenient", "side"})

Raw = Mapping[str, Any]


def read_move(kind: str, raw: Raw, *, actor_id: int, key: str | None) -> Move:
    """The move that `raw` describes; one that makes no sense is `Unreadable`, and refused when its turn comes."""
    try:
        move = READERS[kind](Fields(raw), actor_id)
    except DomainError as error:
        return unreadable(kind, raw, actor_id=actor_id, key=key, error=error)
    return keyed(move, key)


def unreadable(kind: str, raw: Raw, *, actor_id: int, key: str | None, error: DomainError) -> Unreadable:
    """A move of which nothing is known but that `error` is what it comes to."""
    content = {name: value for name, value in raw.items() if name not in ("id", "type")}
    return Unreadable(actor_id=actor_id, key=key, fingerprint=mark_of(kind, content), error=error)


def keyed(move: Move, key: str | None) -> Move:
    """The move under the command id `key`, with the mark of its content."""
    if key is None:
        return move
    content = {f.name: getattr(move, f.name) for f in fields(move) if f.name not in NOT_CONTENT}
    return replace(move, key=key, fingerprint=mark_of(move.kind, content))


def mark_of(kind: str, content: Mapping[str, Any]) -> bytes:
    """The mark of a command's content. One that holds a sealed figure is keyed, so that a stored mark can't be guessed at."""
    return fingerprint(kind, content, secret=kind == "limit.seal" or content.get("limit") is not None)


def _open(f: Fields, actor_id: int) -> Open:
    given = {
        "property_id": f.id("property"),
        "start_date": f.date("start_date"),
        "end_date": f.date("end_date"),
        "guests": f.integer("guests", least=1, most=MAX_GUESTS),
        "booking_type": _booking_type(f),
        "amount": f.amount("amount", required=False),
        "limit": f.amount("limit", required=False),
        "meals": _meals(f),
        "expires_in": _expires_in(f, required=False),
        "message": _message(f),
    }
    f.check()
    return Open(actor_id=actor_id, **given)  # type: ignore[arg-type]  # check() has seen to it


def _make(f: Fields, actor_id: int) -> MakeOffer:
    negotiation_id, amount = f.id("negotiation"), f.amount("amount")
    expires_in, message = _expires_in(f, required=False), _message(f)
    f.check()
    assert amount is not None  # noqa: S101 - check() has raised otherwise
    return MakeOffer(
        actor_id=actor_id, negotiation_id=negotiation_id, amount=amount, expires_in=expires_in, message=message
    )


def _accept(f: Fields, actor_id: int) -> Accept:
    negotiation_id, offer_id = f.id("negotiation"), f.id("offer")
    f.check()
    return Accept(actor_id=actor_id, negotiation_id=negotiation_id, offer_id=offer_id)


def _decline(f: Fields, actor_id: int) -> Decline:
    negotiation_id, offer_id = f.id("negotiation"), f.id("offer")
    reason = f.text("reason", most=MAX_REASON, required=False)
    f.check()
    return Decline(actor_id=actor_id, negotiation_id=negotiation_id, offer_id=offer_id, reason=reason)


def _withdraw(f: Fields, actor_id: int) -> Withdraw:
    negotiation_id, offer_id = f.id("negotiation"), f.id("offer")
    f.check()
    return Withdraw(actor_id=actor_id, negotiation_id=negotiation_id, offer_id=offer_id)


def _extend(f: Fields, actor_id: int) -> Extend:
    negotiation_id, offer_id = f.id("negotiation"), f.id("offer")
    expires_in = _expires_in(f, required=True)
    f.check()
    return Extend(actor_id=actor_id, negotiation_id=negotiation_id, offer_id=offer_id, expires_in=expires_in or 0)


def _send(f: Fields, actor_id: int) -> SendMessage:
    negotiation_id, text = f.id("negotiation"), f.text("text", most=MAX_MESSAGE)
    f.check()
    return SendMessage(actor_id=actor_id, negotiation_id=negotiation_id, text=text or "")


def _seal(f: Fields, actor_id: int) -> Seal:
    negotiation_id, amount = f.id("negotiation"), f.amount("amount")
    expires_in = _expires_in(f, required=False)
    f.check()
    assert amount is not None  # noqa: S101 - check() has raised otherwise
    return Seal(actor_id=actor_id, negotiation_id=negotiation_id, amount=amount, expires_in=expires_in)


def _unseal(f: Fields, actor_id: int) -> Unseal:
    negotiation_id = f.id("negotiation")
    f.check()
    return Unseal(actor_id=actor_id, negotiation_id=negotiation_id)


def _close(f: Fields, actor_id: int) -> CloseQuestion:
    negotiation_id = f.id("negotiation")
    f.check()
    return CloseQuestion(actor_id=actor_id, negotiation_id=negotiation_id)


def _expires_in(f: Fields, *, required: bool) -> int | None:
    return f.integer("expires_in", least=settings.OFFER_MIN_EXPIRES_IN, most=MAX_EXPIRES_IN, required=required)


def _message(f: Fields) -> str | None:
    return f.text("message", most=MAX_MESSAGE, required=False)


def _booking_type(f: Fields) -> str | None:
    value = f.text("booking_type", most=50)
    if value is not None and value not in BOOKING_TYPE_ALIASES:
        f.wrong("booking_type", "Choose one of: stay, stay_with_meal, paying_guest.")
    return BOOKING_TYPE_ALIASES.get(value or "")


def _meals(f: Fields) -> tuple[MealOrder, ...]:
    """`{"breakfast": [{"id", "quantity", "date"}], …}`; an absent kind means none of it, a quantity of 0 no order."""
    meals = f.given("meals")
    if meals is None:
        return ()
    if not isinstance(meals, dict):
        f.wrong("meals", 'Give {"breakfast": [{"id", "quantity", "date"}], "lunch": […], "dinner": […]}.')
        return ()
    return tuple(order for kind in MEAL_KINDS for order in _orders(f, kind, meals.get(kind)))


def _orders(f: Fields, kind: str, lines: Any) -> list[MealOrder]:
    if lines in (None, ""):
        return []
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines) or len(lines) > 200:
        f.wrong("meals", f'{kind}: give a list of {{"id", "quantity", "date"}}, at most 200.')
        return []
    return [order for line in lines if (order := _order(f, kind, line)) is not None]


def _order(f: Fields, kind: str, line: dict[str, Any]) -> MealOrder | None:
    g = Fields(line)
    id, quantity, day = g.id("id"), g.integer("quantity", most=100), g.date("date", required=False)
    for name, texts in g.errors.items():
        f.wrong("meals", f"{kind}: {name}: {texts[0]}")
    return None if g.errors or not quantity else MealOrder(kind, id, quantity, day)


READERS: dict[str, Callable[[Fields, int], Move]] = {
    "negotiation.open": _open,
    "offer.make": _make,
    "offer.accept": _accept,
    "offer.decline": _decline,
    "offer.withdraw": _withdraw,
    "offer.extend": _extend,
    "limit.seal": _seal,
    "limit.unseal": _unseal,
    "negotiation.close": _close,
    "message.send": _send,
}
