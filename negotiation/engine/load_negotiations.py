"""One trip that locks and reads everything a batch of moves needs.

Plain SQL, because this and `write` are the two trips that every offer pays: five queries of the ORM cost more than
all the rest of a move. Lock and read are two statements in one string: a statement that waited for a lock still sees
the tables it joins as they were before the wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from core.api import idempotency
from core.database.prepared_statements import BY_INDEX, Prepared
from negotiation.engine.loaded import Ask, Row
from negotiation.engine.moves import MakeOffer, Move, OnOffer, Open, Within
from negotiation.rules.automatic import AutoRules
from negotiation.rules.negotiation_state import Haggle, Standing

# Above this factor limits are lifted, and what they count is not counted.
UNCOUNTED = 1000

# How long a row that another transaction holds is waited for (seconds): below the five that a repeat waits for its first
# command.
WAIT_S = 4.0
KEYS = "SELECT pg_try_advisory_xact_lock(k) FROM unnest(%s::bigint[]) k;"
LOCK = "SELECT 1 FROM negotiation_negotiation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE;"

COLUMNS = """
    n.id, n.property_id, n.guest_id, n.host_id, lower(n.nights), upper(n.nights), n.guests, n.booking_type, n.currency,
    n.terms::text, n.status, n.turn, n.has_offers, n.list_amount, n.last_bid, n.last_ask, n.guest_offers_left,
    n.host_offers_left, n.last_seq, n.question_expires_at, n.auto_decline_at, n.booking_id, n.expiring_offer_id,
    n.updated_at, p.status = 'listed', p.auto_accept_percent, p.auto_decline_percent,
    o.id, o.by, o.amount, o.made_at, o.expires_at, o.quote::text
"""
# Each a look-up for one row, fenced by its LIMIT: as plain joins a plan made while the tables were empty reads all of
# them for every move.
JOINS = """
LEFT JOIN LATERAL (SELECT * FROM properties_property WHERE id = n.property_id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE negotiation_id = n.id AND status = 'standing' LIMIT 1
) o ON true
"""
ROWS = f"SELECT {COLUMNS} FROM negotiation_negotiation n {JOINS} WHERE n.id = ANY(%s)"  # noqa: S608 - constants only

# An id that was used more than 24 hours ago is new again, whether or not the daily pass has been round.
FORGET = """
DELETE FROM core_storedoutcome s USING unnest(%s::bigint[], %s::text[]) AS u(account, key)
WHERE s.account_id = u.account AND s.key = u.key
"""
ASKS = Prepared(
    "hub_asks",
    ("json", "timestamptz"),
    f"""
SELECT c.i, named.by, s.outcome::text, s.fingerprint, s.created_at <= $2,
    c.lock IS NULL OR pg_try_advisory_xact_lock(c.lock),
    CASE WHEN c.makes THEN nextval('negotiation_offer_id_seq') END,
    CASE WHEN c.opens THEN nextval('negotiation_negotiation_id_seq') END,
    bids.count, bids.first, {COLUMNS}
FROM json_to_recordset($1)
    AS c(i int, n bigint, offer bigint, account bigint, key text, lock bigint, makes bool, opens bool, counts bool)
LEFT JOIN LATERAL (SELECT * FROM negotiation_negotiation WHERE id = c.n LIMIT 1) n ON true {JOINS}
LEFT JOIN LATERAL (
    SELECT * FROM negotiation_offer WHERE id = c.offer AND negotiation_id = n.id LIMIT 1
) named ON true
LEFT JOIN LATERAL (
    SELECT * FROM core_storedoutcome WHERE account_id = c.account AND key = c.key LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT count(*), min(b.made_at) AS first
    FROM negotiation_negotiation m JOIN negotiation_offer b ON b.negotiation_id = m.id
    WHERE c.counts AND m.property_id = n.property_id AND m.guest_id = n.guest_id AND n.guest_id = c.account
        AND m.updated_at > $2 AND b.by = 'guest' AND b.made_at > $2
) bids ON true
""",  # noqa: S608 - constants only
)


def patience(seconds: float) -> str:
    """The statement after which this transaction waits so long for each lock."""
    return f"SELECT set_config('lock_timeout', '{round(seconds * 1000)}ms', true);"


def load_asks(
    moves: Sequence[Move], rivals: Sequence[int] = (), *, now: datetime, factor: float, wait_s: float = WAIT_S
) -> tuple[list[Ask], dict[int, Row]]:
    """What was found for each move, and all negotiations concerned by id; their rows are locked, ascending."""
    ids = sorted({move.negotiation_id for move in moves if isinstance(move, Within)} | set(rivals))
    locks = [lock_number(move) for move in moves]
    keys = [n for n in locks if n is not None]
    body = orjson.dumps([_ask(i, m, n, factor) for i, (m, n) in enumerate(zip(moves, locks, strict=True))]).decode()
    call = ASKS.on_this_connection()
    sql = patience(wait_s) + BY_INDEX + (KEYS if keys else "") + (LOCK if ids else "") + call
    params: list[Any] = [*([keys] if keys else []), *([ids] if ids else []), body, now - timedelta(days=1)]
    asks = [Ask() for _ in moves]
    rows: dict[int, Row] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for i, *record in cursor.fetchall():
            asks[i] = _read_ask(rows, record)
        if old := [move for move, ask in zip(moves, asks, strict=True) if ask.stored_is_old]:
            cursor.execute(FORGET, [[move.actor_id for move in old], [move.key for move in old]])
        if others := [id for id in rivals if id not in rows]:
            cursor.execute(ROWS, [others])
            rows |= {record[0]: read_row(record) for record in cursor.fetchall()}
    return asks, rows


def _read_ask(rows: dict[int, Row], record: Sequence[Any]) -> Ask:
    named_by, outcome, fingerprint, old, free, offer_id, negotiation_id, bids, first, *rest = record
    return Ask(
        row=_row_once(rows, rest),
        named_by=named_by,
        stored=orjson.loads(outcome) if outcome and not old else None,
        stored_is_old=bool(old),
        stored_fingerprint=bytes(fingerprint) if fingerprint is not None else None,
        key_is_free=free,
        new_offer_id=offer_id or 0,
        new_negotiation_id=negotiation_id or 0,
        bids=bids or 0,
        first_bid_at=first,
    )


def lock_rows(ids: Sequence[int]) -> dict[int, Row]:
    """Locks negotiations, ascending, and reads them as they then are."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LOCK + ROWS, [sorted(ids), sorted(ids)])
        return {record[0]: read_row(record) for record in cursor.fetchall()}


def read_row(record: Sequence[Any]) -> Row:
    """A `Row` from `COLUMNS`."""
    (
        id, property_id, guest_id, host_id, start, end, guests, booking_type, currency,
        terms_text, status, turn, has_offers, list_amount, last_bid, last_ask, guest_left,
        host_left, last_seq, question_end, auto_decline_at, booking_id, expiring_offer_id,
        updated_at, listed, auto_accept, auto_decline,
        offer_id, by, amount, made_at, expires_at, quote,
    ) = record  # fmt: skip
    terms = orjson.loads(terms_text)
    latest_offer_at = datetime.fromisoformat(terms["latest_offer_at"])
    standing = Standing(offer_id, by, amount, made_at, expires_at) if offer_id is not None else None
    haggle = Haggle(
        status=status,
        turn=turn,
        list_amount=list_amount,
        standing=standing,
        last_bid=last_bid,
        last_ask=last_ask,
        guest_left=guest_left,
        host_left=host_left,
        expires_at=expires_at or question_end or latest_offer_at,
        latest_offer_at=latest_offer_at,
        check_out_at=datetime.fromisoformat(terms["check_out_at"]),
    )
    return Row(
        id, property_id, guest_id, host_id, start, end, guests, booking_type, currency, terms, haggle, has_offers,
        last_seq, auto_decline_at, booking_id, listed, AutoRules(auto_accept, auto_decline),
        orjson.loads(quote) if quote else None, updated_at, expiring_offer_id,
    )  # fmt: skip


def _row_once(rows: dict[int, Row], record: Sequence[Any]) -> Row | None:
    if record[0] is None:
        return None
    if record[0] not in rows:
        rows[record[0]] = read_row(record)
    return rows[record[0]]


def _ask(i: int, move: Move, lock: int | None, factor: float) -> dict[str, Any]:
    makes = isinstance(move, MakeOffer)
    return {
        "i": i,
        "n": move.negotiation_id if isinstance(move, Within) else None,
        "offer": move.offer_named if isinstance(move, OnOffer) else None,
        "account": move.actor_id,
        "key": move.key,
        "lock": lock,
        "makes": makes or isinstance(move, Open),
        "opens": isinstance(move, Open),
        "counts": makes and factor < UNCOUNTED,
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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return not cursor.fetchone()[0]
