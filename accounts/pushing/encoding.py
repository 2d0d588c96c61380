"""Encrypts a notification for one device: what a lock screen may show, and the page that it leads to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# A person waits for an answer, or time runs out: worth waking a phone that saves its battery.
URGENT = (
    "offer.", "negotiation.opened", "message.sent", "booking.requested", "booking.change_proposed",
    "booking.change_accepted", "payment.failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Push:
    """One message: to whom, under which keys, what, and for how long (seconds) it may wait for its device."""

    delivery: int
    endpoint: str
    origin: str
    host: str
    p256dh: str
    auth: str
    topic: str
    kind: str
    content: bytes
    ttl: int


def content_of(notification: dict[str, Any]) -> bytes:
    """`{id, kind, title, negotiation, booking, property, at, url}`, never what people wrote to each other."""
    return json.dumps(notification, ensure_ascii=False, separators=(",", ":")).encode()


def encrypted(push: Push) -> bytes:
    """The body (RFC 8188, aes128gcm)."""
    # Loaded for the first push: the package brings a whole HTTP client along that nothing here uses.
    from pywebpush import WebPusher

    keys = {"p256dh": push.p256dh, "auth": push.auth}
    return bytes(WebPusher({"endpoint": push.endpoint, "keys": keys}).encode(push.content)["body"])


def headers_of(push: Push, authorization: str) -> dict[str, str]:
    """Headers of the request. `Topic` lets a push service that gets a message twice keep one."""
    return {
        "Authorization": authorization,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(push.ttl),
        "Topic": push.topic,
        "Urgency": "high" if push.kind.startswith(URGENT) else "normal",
    }
