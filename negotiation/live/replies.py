"""Turns outcomes into the socket's replies. It reads the objects in them after the commit, many with one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bookings.selectors.details import get_booking_details
from core.live.base_url import absolute_under
from negotiation.engine.outcomes import Outcome
from negotiation.selectors.snapshots import get_negotiations, snapshot

# Commands that may end in a booking; their reply then contains it.
AGREEING = ("offer.accept", "limit.seal")
# (kind of command, id) → the object in its reply.
Shown = dict[tuple[str, int | None], Mapping[str, Any]]


def shows_object(outcome: Outcome) -> bool:
    """Whether the reply contains an object that is read after the commit."""
    if outcome.answer is None:
        return False
    return outcome.kind == "negotiation.open" or (outcome.kind in AGREEING and bool(outcome.answer.booking))


def with_objects(outcomes: Sequence[Outcome], *, now: datetime) -> list[Outcome]:
    """Returns the outcomes with the objects of their replies: snapshots of openings, details of agreed bookings."""
    opened = [o.negotiation_id for o in outcomes if o.answer and o.kind == "negotiation.open"]
    agreed = [o.answer.booking for o in outcomes if o.answer and o.kind in AGREEING and o.answer.booking]
    negotiations = get_negotiations(opened) if opened else {}
    details = get_booking_details(agreed, now=now, absolute=str) if agreed else []
    shown: Shown = {
        ("negotiation.open", id): snapshot(record, side="guest", absolute=str) for id, record in negotiations.items()
    }
    shown |= {(kind, booking["id"]): booking for booking in details for kind in AGREEING}
    return [_with_object(outcome, shown) for outcome in outcomes]


def _with_object(outcome: Outcome, shown: Shown) -> Outcome:
    if outcome.answer is None:
        return outcome
    number = outcome.answer.booking if outcome.kind in AGREEING else outcome.answer.negotiation
    found = shown.get((outcome.kind, number))
    return outcome if found is None else replace(outcome, shown=found)


def _booking(outcome: Outcome, base: str) -> Mapping[str, Any]:
    return {**outcome.shown, "property_photo": absolute_under(base, outcome.shown["property_photo"])}


def socket_reply(outcome: Outcome, base: str) -> Mapping[str, Any]:
    """Returns the `data` of a reply. Raises the outcome's refusal.

    `base` is the address by which the client came; pictures get addresses under it.
    """
    if outcome.error is not None:
        raise outcome.error
    match outcome.kind:
        case "negotiation.open":
            home = outcome.shown["property"]
            return {**outcome.shown, "property": home | {"photo": absolute_under(base, home["photo"])}}
        case "offer.accept":
            return {"booking": _booking(outcome, base), "seq": outcome.seq}
        case "limit.seal" | "limit.unseal" if outcome.answer is not None:
            met = {"booking": _booking(outcome, base)} if outcome.answer.agreed else {}
            return {"limits": outcome.answer.limits, **met, "seq": outcome.seq}
        case "offer.make" | "offer.extend" if outcome.answer is not None:
            return {"offer": outcome.answer.offer, "seq": outcome.seq}
        case _:
            return {"seq": outcome.seq}
