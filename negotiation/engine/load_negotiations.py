"""One trip that locks and reads everything a unit of work needs.

Lock and read are two statements of one trip: a statement that waited for a lock still sees the tables it joins as they
were before the wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from core.api import idempotency
from core.database.conversation import Rows, Talk, ask
from core.database.prepared_statements import Query
from core.database.rows import Row
from negotiation.engine import sql
from negotiation.engine.loaded import Lookup
from negotiation.moves import MakeOffer, MakeOfferDeep, Move, OnOffer, Open, Seal, SendMessage, Within
from negotiation.records import NegotiationRecord
from negotiation.row_reading import read_negotiation
from negotiation.rules.automatic import AutoRules

# Above this factor limits are lifted, and what they count is not counted.
UNCOUNTED = 1000

# How long a row that another transaction holds is waited for (seconds): below the five that a repeat waits for its first
# command.
WAIT_S = 4.0


def load_moves(
    moves: Sequence[Move], rivals: Sequence[int] = (), *, now: datetime, factor: float
) -> Talk[tuple[list[Lookup], dict[int, NegotiationRecord]]]:
    """What was found for each move, and all negotiations concerned by id; their rows are locked, ascending."""
    own = {move.negotiation_id for move in moves if isinstance(move, Within)}
    others = sorted(set(rivals) - own)
    numbers = [lock_number(move) for move in moves]
    keys = [number for number in numbers if number is not None]
    day_ago = now - timedelta(days=1)
    found = yield from ask(
        *_locks(keys, sorted({*own, *others})),
        *(_look_up(move, factor, day_ago) for move in moves),
        *([sql.READ_NEGOTIATIONS(others)] if others else ()),
    )
    had, looked_up, beside = found[: len(keys)], found[len(keys) :][: len(moves)], found[len(keys) + len(moves) :]
    held = {key for key, [row] in zip(keys, had, strict=True) if row["had"]}
    records: dict[int, NegotiationRecord] = {}
    free = [number is None or number in held for number in numbers]
    lookups = [_read_lookup(row, records, key_is_free=f) for f, [row] in zip(free, looked_up, strict=True)]
    for rows in beside:
        records |= _read(rows)
    for move, lookup in zip(moves, lookups, strict=True):
        if isinstance(move, MakeOfferDeep):
            lookup.new_offer_id = move.new_offer_id
    return lookups, records


def _locks(keys: Sequence[int], ids: Sequence[int]) -> Iterator[Query]:
    """The keys first, so that others see that these commands run, and again after the wait: who held one may be through."""
    if ids:
        yield from (sql.LOCK_KEY(key) for key in keys)
        yield sql.LOCK_NEGOTIATIONS(ids)
    yield from (sql.TRY_KEY(key) for key in keys)


def lock_negotiations(ids: Sequence[int]) -> Talk[dict[int, NegotiationRecord]]:
    """Locks negotiations, ascending, and reads them as they then are."""
    if not ids:
        return {}
    [rows] = yield from ask(sql.LOCK_NEGOTIATIONS(sorted(ids)), sql.READ_NEGOTIATIONS(sorted(ids)))
    return _read(rows)


def _read(rows: Rows) -> dict[int, NegotiationRecord]:
    return {row["id"]: _read_loaded(row) for row in rows}


def _read_loaded(row: Mapping[str, Any]) -> NegotiationRecord:
    return read_negotiation(row, auto=AutoRules(row["auto_accept_percent"], row["auto_decline_percent"]))


def _read_lookup(row: Row, records: dict[int, NegotiationRecord], *, key_is_free: bool) -> Lookup:
    id, fingerprint = row["id"], row["stored_fingerprint"]
    if id is not None and id not in records:
        records[id] = _read_loaded(row)
    return Lookup(
        record=records.get(id) if id is not None else None,
        named_by=row["named_by"],
        stored=orjson.loads(row["stored"]) if row["stored"] and not row["stored_is_old"] else None,
        stored_fingerprint=None if fingerprint is None else bytes(fingerprint),
        stored_is_old=bool(row["stored_is_old"]),
        key_is_free=key_is_free,
        new_offer_id=row["new_offer_id"] or 0,
        new_negotiation_id=row["new_negotiation_id"] or 0,
        bids=row["bids"] or 0,
        other_rooms=row["other_rooms"] or 0,
        first_bid_at=row["first_bid_at"],
        blockers=frozenset(row["blockers"] or ()),
        stay_ends_at=row["stay_ends_at"],
        nights_gone=bool(row["nights_gone"]),
    )


def _look_up(move: Move, factor: float, day_ago: datetime) -> Query:
    makes = isinstance(move, MakeOffer)
    return sql.LOOK_UP(
        move.negotiation_id if isinstance(move, Within) else None,
        move.offer_named if isinstance(move, OnOffer) else None,
        move.actor_id,
        move.key,
        (makes and not isinstance(move, MakeOfferDeep)) or isinstance(move, Open | Seal),
        isinstance(move, Open),
        makes and factor < UNCOUNTED,
        isinstance(move, SendMessage),
        day_ago,
    )


def lock_number(move: Move) -> int | None:
    """The number of the advisory lock that a running command holds."""
    if move.key is None:
        return None
    return idempotency.lock_number(move.actor_id, move.key)


def try_key(number: int) -> Talk[bool]:
    """Whether no other transaction runs the command of this number just now."""
    [[row]] = yield from ask(sql.TRY_KEY(number))
    return bool(row["had"])
