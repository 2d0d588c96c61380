"""The law of the log: an old snapshot and the entries after it are the fresh snapshot.

A reducer as any client writes one, from docs/protocol.md alone; it imports nothing of the product.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

Snapshot = dict[str, Any]

OTHER = {"guest": "host", "host": "guest"}
ENDS = {
    "offer.accepted": "accepted", "offer.declined": "declined", "offer.withdrawn": "withdrawn",
    "offer.expired": "expired", "negotiation.closed": "closed", "negotiation.superseded": "superseded",
}  # fmt: skip
# What no entry speaks of: the property's face, names, and what is never stored in the log.
LIVE = ("property", "guest", "host", "online", "seen", "limit_mine")

# What a client knows that was never given a snapshot, and what it can tell by entries alone.
NOTHING: Snapshot = {
    "status": "open", "turn": None, "booking": None, "standing_offer": None, "last_seq": 0,
    "offers_left": {"guest": 0, "host": 0}, "limits": {"guest": "none", "host": "none"},
}  # fmt: skip
FROM_ENTRIES = ("status", "turn", "booking", "standing_offer", "last_seq", "updated_at", "limits")


def after(snapshot: Snapshot, entries: Iterable[dict[str, Any]]) -> Snapshot:
    """The snapshot as the entries leave it."""
    now = {**snapshot, "offers_left": dict(snapshot["offers_left"]), "limits": dict(snapshot["limits"])}
    for entry in entries:
        if entry["seq"] <= now["last_seq"]:
            continue
        assert entry["seq"] == now["last_seq"] + 1, "a gap"
        _refreeze(now, entry["data"].get("terms"))
        _apply(now, entry["kind"], entry["data"])
        _apply_limit(now, entry["kind"], entry["actor"])
        now["last_seq"], now["updated_at"] = entry["seq"], entry["at"]
    return now


def _apply(now: Snapshot, kind: str, data: dict[str, Any]) -> None:
    if kind in ENDS:
        now["status"], now["turn"], now["standing_offer"] = ENDS[kind], None, None
        now["booking"] = data.get("booking", now["booking"])
    elif kind == "offer.made":
        by = data["offer"]["by"]
        now["standing_offer"], now["turn"] = data["offer"], OTHER[by]
        now["offers_left"][by] -= 1
    elif kind == "offer.extended":
        now["standing_offer"] = data["offer"]


def _apply_limit(now: Snapshot, kind: str, actor: str) -> None:
    if kind == "limit.sealed":
        now["limits"][actor] = "sealed"
    elif kind == "limit.unsealed":
        now["limits"][actor] = "none"
    elif kind in ("limit.missed", "limit.met"):
        now["limits"] = dict.fromkeys(OTHER, "spent")
    elif kind in ENDS and now["limits"]["guest"] != "spent":
        now["limits"] = dict.fromkeys(OTHER, "none")


def _refreeze(now: Snapshot, terms: dict[str, Any] | None) -> None:
    """The first offer in a question settles what it is about."""
    if terms is None:
        return
    for name in ("guests", "booking_type", "list_amount"):
        now[name] = terms[name]
    now["offers_left"] = dict.fromkeys(OTHER, terms["offers_per_side"])
    now["meals"] = {kind: [] for kind in ("breakfast", "lunch", "dinner")}
    for meal in terms["meals"]:
        now["meals"][meal["kind"]].append({name: meal[name] for name in ("id", "name", "price", "quantity", "date")})


def durable(snapshot: Snapshot) -> Snapshot:
    """The part that the log determines."""
    return {name: value for name, value in snapshot.items() if name not in LIVE}


def promised(entries: list[dict[str, Any]], *, by_rule: bool) -> dict[str, Counter[str]]:
    """side → kinds of notifications that this log promises, nobody being in the room.

    Each gets one for what the other side did, both for what the system did; an opening gives one in all. `by_rule`:
    the last word of the host was a rule's, of which the host hears too.
    """
    told: dict[str, Counter[str]] = {"guest": Counter(), "host": Counter()}
    for before, entry, after in zip([{}, *entries], entries, [*entries[1:], {}], strict=False):
        kind, actor = entry["kind"], entry["actor"]
        # A meeting is told once, to both: that it was agreed.
        if kind == "limit.met" or (kind == "limit.sealed" and after.get("kind") == "limit.met"):
            continue
        if before.get("kind") == "limit.met":
            actor = "system"
        if entry["at"] == entries[0]["at"] and actor == "guest" and kind != "negotiation.opened":
            continue
        # An opening that goes on in a question may name a price and seal a limit: that is told once too.
        bid = (before.get("kind"), before.get("actor"), before.get("at"))
        if kind == "limit.sealed" and bid == ("offer.made", "guest", entry["at"]):
            continue
        for side in ("guest", "host"):
            if actor != side:
                told[side][kind] += 1
    if by_rule:
        told["host"][next(entry["kind"] for entry in reversed(entries) if entry["kind"] in ENDS)] += 1
    return told
