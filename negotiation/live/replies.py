"""Outcomes in the shape of each door. Objects are read after the commit, many in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bookings.selectors.details import get_booking_details
from core.live.base_url import absolute_under
from negotiation.engine.moves import Outcome
from negotiation.selectors.snapshots import get_views, snapshot


def attach_objects(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Reads what the socket's replies show beside their `seq`: snapshots of openings, details of agreed bookings."""
    opened = [o for o in outcomes if o.stored.get("type") == "negotiation.open"]
    agreed = [o for o in outcomes if o.stored.get("type") == "offer.accept"]
    views = get_views([o.negotiation_id for o in opened]) if opened else {}
    for outcome in opened:
        outcome.shown = snapshot(views[outcome.negotiation_id], absolute=str)
    if agreed:
        ids = [o.stored["booking"] for o in agreed]
        details = {d["id"]: d for d in get_booking_details(ids, now=now, absolute=str)}
        for outcome in agreed:
            outcome.shown = details[outcome.stored["booking"]]


def socket_reply(outcome: Outcome, base: str) -> dict[str, Any]:
    """The `data` of a reply, its pictures under `base`, the address that the client came by. Raises the outcome's refusal."""
    if outcome.error is not None:
        raise outcome.error
    stored = outcome.stored
    match stored["type"]:
        case "negotiation.open":
            home = outcome.shown["property"]
            return outcome.shown | {"property": home | {"photo": absolute_under(base, home["photo"])}}
        case "offer.accept":
            photo = absolute_under(base, outcome.shown["property_photo"])
            return {"booking": outcome.shown | {"property_photo": photo}, "seq": stored["seq"]}
        case "offer.make" | "offer.extend":
            return {"offer": stored["offer"], "seq": stored["seq"]}
        case _:
            return {"seq": stored["seq"]}
