"""One trip that locks and reads everything a unit of work needs.

Lock and read are two statements in one string: a statement that waited for a lock still sees the tables it joins as
they were before the wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from core.api import idempotency
from core.database.prepared_statements import BY_INDEX
from core.database.rows import Row, fetch_rows
from negotiation.engine import sql
from negotiation.engine.loaded import Lookup
from negotiation.engine.moves import MakeOffer, MakeOfferDeep, Move, OnOffer, Open, Seal, SendMessage, Within
from negotiation.records import NegotiationRecord, read_negotiation
from negotiation.rules.automatic import AutoRules

# Above this factor limits are lifted, and what they count is not counted.
UNCOUNTED = 1000

# How long a row that another transaction holds is waited for (seconds): below the five that a repeat waits for its first
# command.
WAIT_S = 4.0


def lock_timeout(seconds: float) -> str:
    """So many seconds, as PostgreSQL's setting has them."""
    return f"{round(seconds * 1000)}ms"


def load_moves(
    moves: Sequence[Move], rivals: Sequence[int] = (), *, now: datetime, factor: float, wait_s: float = WAIT_S
) -> tuple[list[Lookup], dict[int, NegotiationRecord]]:
    """What was found for each move, and all negotiations concerned by id; their rows are locked, ascending."""
    ids = sorted({move.negotiation_id for move in moves if isinstance(move, Within)} | set(rivals))
    locks = [lock_number(move) for move in moves]
    keys = [n for n in locks if n is not None]
    body = orjson.dumps([_asked(i, m, n, factor) for i, (m, n) in enumerate(zip(moves, locks, strict=True))]).decode()
    call = sql.LOOK_UP.on_this_connection()
    take_keys, key_params = (sql.LOCK_KEYS, [keys]) if keys else ("", [])
    # The keys first, so that others see that these commands run, and again after the wait: who held one may be through.
    take, take_params = (take_keys + sql.LOCK_NEGOTIATIONS, [*key_params, ids]) if ids else ("", [])
    statement = sql.WAIT_FOR_LOCKS + BY_INDEX + take + take_keys + call
    day_ago = now - timedelta(days=1)
    params = [lock_timeout(wait_s), *take_params, *key_params, body, day_ago]
    records: dict[int, NegotiationRecord] = {}
    found = {row["i"]: _read_lookup(row, records) for row in fetch_rows(statement, params)}
    lookups = [found[i] for i in range(len(moves))]
    for move, lookup in zip(moves, lookups, strict=True):
        if isinstance(move, MakeOfferDeep):
            lookup.new_offer_id = move.new_offer_id
    _forget_old(moves, lookups)
    if others := [id for id in rivals if id not in records]:
        records |= _read(sql.READ_NEGOTIATIONS, [others])
    return lookups, records


def lock_negotiations(ids: Sequence[int]) -> dict[int, NegotiationRecord]:
    """Locks negotiations, ascending, and reads them as they then are."""
    if not ids:
        return {}
    return _read(sql.LOCK_NEGOTIATIONS + sql.READ_NEGOTIATIONS, [sorted(ids), sorted(ids)])


def _read(statement: str, params: Sequence[Any]) -> dict[int, NegotiationRecord]:
    return {row["id"]: _read_loaded(row) for row in fetch_rows(statement, params)}


def _read_loaded(row: Mapping[str, Any]) -> NegotiationRecord:
    return read_negotiation(row, auto=AutoRules(row["auto_accept_percent"], row["auto_decline_percent"]))


def _read_lookup(row: Row, records: dict[int, NegotiationRecord]) -> Lookup:
    id, fingerprint = row["id"], row["stored_fingerprint"]
    if id is not None and id not in records:
        records[id] = _read_loaded(row)
    return Lookup(
        record=records.get(id) if id is not None else None,
        named_by=row["named_by"],
        stored=orjson.loads(row["stored"]) if row["stored"] and not row["stored_is_old"] else None,
        stored_fingerprint=None if fingerprint is None else bytes(fingerprint),
        stored_is_old=bool(row["stored_is_old"]),
        key_is_free=row["key_is_free"],
        new_offer_id=row["new_offer_id"] or 0,
        new_negotiation_id=row["new_negotiation_id"] or 0,
        bids=row["bids"] or 0,
        other_rooms=row["other_rooms"] or 0,
        first_bid_at=row["first_bid_at"],
        blockers=frozenset(row["blockers"] or ()),
    )


def _forget_old(moves: Sequence[Move], lookups: Sequence[Lookup]) -> None:
    old = [move for move, lookup in zip(moves, lookups, strict=True) if lookup.stored_is_old]
    if old:
        with connection.cursor() as cursor:
            cursor.execute(sql.FORGET_OUTCOMES, [[move.actor_id for move in old], [move.key for move in old]])


def _asked(i: int, move: Move, lock: int | None, factor: float) -> dict[str, Any]:
    """What `LOOK_UP` is to find for a move."""
    makes = isinstance(move, MakeOffer)
    return {
        "i": i,
        "n": move.negotiation_id if isinstance(move, Within) else None,
        "offer": move.offer_named if isinstance(move, OnOffer) else None,
        "account": move.actor_id,
        "key": move.key,
        "lock": lock,
        "makes": (makes and not isinstance(move, MakeOfferDeep)) or isinstance(move, Open | Seal),
        "opens": isinstance(move, Open),
        "counts": makes and factor < UNCOUNTED,
        "says": isinstance(move, SendMessage),
    }


def lock_number(move: Move) -> int | None:
    """A number for PostgreSQL's advisory lock that says: this command runs."""
    if move.key is None:
        return None
    return idempotency.lock_number(move.actor_id, move.key)


def is_running(move: Move) -> bool:
    """Whether another transaction runs the same command just now."""
    number = lock_number(move)
    if number is None:
        return False
    with transaction.atomic():
        [row] = fetch_rows(sql.TRY_KEY, [number])
    return not row["had"]
