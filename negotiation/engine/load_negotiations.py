"""Locks and reads everything that a unit of work needs, in one round trip.

Locking and reading are two statements of that trip, because a statement that waited for a lock still sees the tables
that it joins as they were before the wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from core.api import idempotency
from core.database.conversation import Rows, Talk, ask
from core.database.prepared_statements import Query
from core.database.rows import Row
from negotiation.engine import sql
from negotiation.engine.loaded import Lookup
from negotiation.engine.stays import remember
from negotiation.moves import MakeOffer, MakeOfferDeep, Move, OnOffer, Open, Seal, SendMessage, Within
from negotiation.records import NegotiationRecord
from negotiation.row_reading import read_negotiation
from negotiation.rules.automatic import AutoRules

# Queries that lock negotiations (second) for the commands of these numbers (first).
Locks = Callable[[Sequence[int], Sequence[int]], Iterable[Query]]
# From this RATE_LIMIT_FACTOR on the limits are lifted, so nothing is counted for them.
UNCOUNTED = 1000

# Seconds to wait for a row that another transaction holds: fewer than the five seconds that a repeat waits for its first
# command.
WAIT_S = 4.0


def load_moves(
    moves: Sequence[Move], *, now: datetime, factor: float, locks: Locks | None = None, more: Sequence[Query] = ()
) -> Talk[tuple[list[Lookup], dict[int, NegotiationRecord], list[Rows]]]:
    """Locks the negotiations of the moves, ascending by id, and reads them.

    `locks` takes other locks instead, among them these. Returns a lookup for each move, the negotiations by id, and the rows of
    the queries of `more`.
    """
    own = sorted({move.negotiation_id for move in moves if isinstance(move, Within)})
    numbers = [lock_number(move) for move in moves]
    keys = [number for number in numbers if number is not None]
    kinds = [_kind(move, factor) for move in moves]
    found = yield from ask(*(locks or _lock)(keys, own), *_look_up(moves, kinds, now - timedelta(days=1)), *more)
    held = {key for key, row in zip(keys, found.pop(0), strict=True) if row["had"]} if keys else set()
    rows_of = {kind: iter(found.pop(0)) for kind in dict.fromkeys(kinds)}
    records: dict[int, NegotiationRecord] = {}
    free = [number is None or number in held for number in numbers]
    lookups = [_read_lookup(next(rows_of[kind]), records, key_is_free=f) for kind, f in zip(kinds, free, strict=True)]
    for record in records.values():
        remember(record)
    for move, lookup in zip(moves, lookups, strict=True):
        if isinstance(move, MakeOfferDeep):
            lookup.new_offer_id = move.new_offer_id
    return lookups, records, found


def _lock(keys: Sequence[int], ids: Sequence[int]) -> Iterator[Query]:
    if keys:
        yield sql.LOCK_COMMANDS(ids, keys)
    elif ids:
        yield sql.LOCK_NEGOTIATIONS(ids)


def lock_negotiations(ids: Sequence[int]) -> Talk[dict[int, NegotiationRecord]]:
    """Locks negotiations, ascending by id, and reads them as they are under the lock."""
    if not ids:
        return {}
    [rows] = yield from ask(sql.LOCK_NEGOTIATIONS(sorted(ids)), sql.READ_NEGOTIATIONS(sorted(ids)))
    return read_records(rows)


def read_records(rows: Rows) -> dict[int, NegotiationRecord]:
    """Returns the negotiations of these rows by id."""
    return {row["id"]: _read_loaded(row) for row in rows}


def _read_loaded(row: Mapping[str, Any]) -> NegotiationRecord:
    return read_negotiation(row, auto=AutoRules(row["auto_accept_percent"], row["auto_decline_percent"]))


def _read_lookup(row: Row, records: dict[int, NegotiationRecord], *, key_is_free: bool) -> Lookup:
    id, fingerprint = row["id"], row["stored_fingerprint"]
    if id is not None and id not in records:
        records[id] = _read_loaded(row)
    asked: dict[str, Any] = {name: value for name in OPTIONAL if (value := row.get(name)) is not None}
    return Lookup(
        record=records.get(id) if id is not None else None,
        stored=orjson.loads(row["stored"]) if row["stored"] and not row["stored_is_old"] else None,
        stored_fingerprint=None if fingerprint is None else bytes(fingerprint),
        stored_is_old=bool(row["stored_is_old"]),
        key_is_free=key_is_free,
        blockers=frozenset(row.get("blockers") or ()),
        **asked,
    )


# Columns of a lookup that only some kinds of moves read.
OPTIONAL = (
    "named_by",
    "stay_ends_at",
    "new_offer_id",
    "new_negotiation_id",
    "bids",
    "other_rooms",
    "first_bid_at",
    "nights_gone",
)
KINDS: dict[type[Move], str] = {
    MakeOffer: "offer",
    MakeOfferDeep: "deep_offer",
    Seal: "figure",
    Open: "opening",
    SendMessage: "message",
}


def _kind(move: Move, factor: float) -> str:
    """Returns the key of `sql.LOOK_UPS` that says what is looked up for the move."""
    if isinstance(move, OnOffer):
        return "answer"
    kind = KINDS.get(type(move), "plain")
    if factor < UNCOUNTED:
        return kind
    return {"offer": "figure", "deep_offer": "plain"}.get(kind, kind)


def _look_up(moves: Sequence[Move], kinds: Sequence[str], day_ago: datetime) -> Iterator[Query]:
    """Yields a statement for each kind; the rows of each are in the order of its moves."""
    for kind in dict.fromkeys(kinds):
        rows = [_asked(move, kind) for move, its in zip(moves, kinds, strict=True) if its == kind]
        if len(rows) == 1:
            yield sql.LOOK_UP[kind](day_ago, *rows[0])
        else:
            yield sql.LOOK_UP_MANY[kind](day_ago, *zip(*rows, strict=True))


def _asked(move: Move, kind: str) -> tuple[Any, ...]:
    asked = (move.negotiation_id if isinstance(move, Within) else None, move.actor_id, move.key)
    return (*asked, move.offer_named) if kind == "answer" and isinstance(move, OnOffer) else asked


def lock_number(move: Move) -> int | None:
    """Returns the number of the advisory lock that the move's command holds while it runs; None without a command id."""
    if move.key is None:
        return None
    return idempotency.lock_number(move.actor_id, move.key)


def try_key(number: int) -> Talk[bool]:
    """Whether no other transaction is running the command of this lock number."""
    [[row]] = yield from ask(sql.TRY_KEY(number))
    return bool(row["had"])
