"""The log's entry kinds and the objects that travel: builders only, no queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from core.clock import stamp
from core.money import money

# kind → its possible actors.
ENTRY_KINDS: dict[str, tuple[str, ...]] = {
    "negotiation.opened": ("guest",),
    "offer.made": ("guest", "host"),
    "offer.accepted": ("guest", "host"),
    "offer.declined": ("guest", "host"),
    "offer.withdrawn": ("guest", "host"),
    "offer.extended": ("guest", "host"),
    "offer.expired": ("system",),
    "negotiation.closed": ("guest", "host"),
    "negotiation.superseded": ("system",),
    "message.sent": ("guest", "host"),
    "limit.sealed": ("guest", "host"),
    "limit.unsealed": ("guest", "host"),
    "limit.missed": ("system",),
    "limit.met": ("system",),
    "list.lowered": ("system",),
}
SUPERSEDED_REASONS = ("dates.taken", "guest.booked", "property.unlisted", "account.closed")
STATUSES = ("open", "accepted", "declined", "withdrawn", "expired", "superseded", "closed")
OFFER_STATUSES = ("standing", "countered", "accepted", "declined", "withdrawn", "expired", "superseded")


# How the name of a negotiation's topic begins.
TOPIC = "negotiation:"


def negotiation_topic(negotiation_id: int) -> str:
    """The topic of the sockets that have joined a negotiation."""
    return f"{TOPIC}{negotiation_id}"


def offer_body(
    *,
    id: int,
    amount: Decimal,
    by: str,
    made_at: datetime,
    expires_at: datetime,
    status: str,
    quote: Mapping[str, Any],
) -> dict[str, Any]:
    """The offer object of docs/protocol.md."""
    return {
        "id": id,
        "amount": money(amount),
        "by": by,
        "made_at": stamp(made_at),
        "expires_at": stamp(expires_at),
        "status": status,
        "quote": quote,
    }


# The `via` of entries that a machine made for their actor.
AGENT = "agent"


def entry_body(
    negotiation_id: int, seq: int, kind: str, actor: str, data: Any, at: datetime, via: str | None = None
) -> dict[str, Any]:
    """A line of the log as it travels; `data` may be an `orjson.Fragment`. `via` is told only where a machine made it."""
    body = {
        "type": "entry",
        "negotiation": negotiation_id,
        "seq": seq,
        "at": stamp(at),
        "kind": kind,
        "actor": actor,
        "data": data,
    }
    if via is not None:
        body["via"] = via
    return body


def entry_frame(
    negotiation_id: int, seq: int, kind: str, actor: str, data: bytes, at: datetime, via: str | None = None
) -> bytes:
    """An entry encoded for the wire; the same bytes go to every socket."""
    return orjson.dumps(entry_body(negotiation_id, seq, kind, actor, orjson.Fragment(data), at, via))


def opened_data(
    *,
    property_id: int,
    title: str,
    start_date: date,
    end_date: date,
    guests: int,
    booking_type: str,
    list_amount: Decimal,
    currency: str,
) -> dict[str, Any]:
    """The data of `negotiation.opened`."""
    return {
        "property": {"id": property_id, "title": title},
        "start_date": start_date.isoformat(),
        "end_date": end_date.isoformat(),
        "guests": guests,
        "booking_type": booking_type,
        "list_amount": money(list_amount),
        "currency": currency,
    }


# Ephemeral frames: published to the topic, never stored, without a seq.
def nights_frame(negotiation_id: int, free: bool) -> bytes:
    """Says that the nights of the negotiation were taken, or are free again."""
    return orjson.dumps({"type": "nights", "negotiation": negotiation_id, "free": free})


def typing_frame(negotiation_id: int, side: str, typing: bool) -> bytes:
    """Says that a party types, or has stopped."""
    return orjson.dumps({"type": "typing", "negotiation": negotiation_id, "actor": side, "typing": typing})


def seen_frame(negotiation_id: int, side: str, seq: int) -> bytes:
    """Says that a party has seen the log up to `seq`."""
    return orjson.dumps({"type": "seen", "negotiation": negotiation_id, "actor": side, "seq": seq})


def presence_frame(negotiation_id: int, side: str, online: bool) -> bytes:
    """Says that a party came online or went offline."""
    return orjson.dumps({"type": "presence", "negotiation": negotiation_id, "actor": side, "online": online})
