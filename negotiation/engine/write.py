"""One trip that writes everything a batch of moves came to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from accounts.events import notification_frame, user_topic
from core.database.prepared_statements import Prepared
from core.live.publishing import Publication
from negotiation.engine.loaded import Draft, NewNotification, Row
from negotiation.events import entry_frame, negotiation_topic

END_OFFERS = Prepared(
    "hub_end_offers",
    ("json",),
    """
UPDATE negotiation_offer o SET status = u.status, expires_at = coalesce(u.expires_at, o.expires_at)
FROM json_to_recordset($1) AS u(id bigint, status text, expires_at timestamptz) WHERE o.id = u.id
""",
)

OPENED = """
opened AS (
    INSERT INTO negotiation_negotiation (id, property_id, guest_id, host_id, nights, guests, booking_type, currency,
        list_amount, terms, status, turn, has_offers, last_bid, last_ask, guest_offers_left, host_offers_left, last_seq,
        guest_seen, host_seen, ended_by, booking_id, question_expires_at, auto_decline_at, created_at, updated_at)
    SELECT id, property_id, guest_id, host_id, daterange(start_date, end_date), guests, booking_type, currency,
        list_amount, terms, status, turn, has_offers, last_bid, last_ask, guest_left, host_left, last_seq,
        0, 0, ended_by, booking_id, question_expires_at, auto_decline_at, $1, $1
    FROM json_to_recordset($7) AS u(id bigint, property_id bigint, guest_id bigint, host_id bigint,
        start_date date, end_date date, guests int, booking_type text, currency text, list_amount numeric, terms jsonb,
        status text, turn text, has_offers bool, last_bid numeric, last_ask numeric, guest_left int, host_left int,
        last_seq int, ended_by text, booking_id bigint, question_expires_at timestamptz, auto_decline_at timestamptz)
),
"""

WRITE = """
WITH {opened}
moved AS (
    UPDATE negotiation_negotiation n SET status = u.status, turn = u.turn, has_offers = u.has_offers,
        last_bid = u.last_bid, last_ask = u.last_ask, guest_offers_left = u.guest_left, host_offers_left = u.host_left,
        last_seq = u.last_seq, ended_by = coalesce(nullif(u.ended_by, ''), n.ended_by), booking_id = u.booking_id,
        auto_decline_at = u.auto_decline_at, expiring_offer_id = u.expiring_offer_id,
        question_expires_at = u.question_expires_at,
        updated_at = u.updated_at
    FROM json_to_recordset($2) AS u(id bigint, status text, turn text, has_offers bool, last_bid numeric,
        last_ask numeric, guest_left int, host_left int, last_seq int, ended_by text, booking_id bigint,
        auto_decline_at timestamptz, expiring_offer_id bigint, question_expires_at timestamptz, updated_at timestamptz)
    WHERE n.id = u.id
),
offers AS (
    INSERT INTO negotiation_offer (id, negotiation_id, by, amount, status, made_at, expires_at, quote)
    SELECT id, negotiation_id, by, amount, status, made_at, expires_at, quote
    FROM json_to_recordset($3) AS u(id bigint, negotiation_id bigint, by text, amount numeric,
        status text, made_at timestamptz, expires_at timestamptz, quote jsonb)
),
entries AS (
    INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at)
    SELECT n, seq, kind, actor, data, at
    FROM json_to_recordset($4) AS u(n bigint, seq int, kind text, actor text, data jsonb, at timestamptz)
),
outcomes AS (
    INSERT INTO core_storedoutcome (account_id, key, fingerprint, outcome, created_at)
    SELECT account_id, key, decode(fingerprint, 'hex'), outcome, $1
    FROM json_to_recordset($5) AS u(account_id bigint, key text, fingerprint text, outcome jsonb)
)
INSERT INTO accounts_notification (user_id, kind, title, negotiation_id, property_id, booking_id, at)
SELECT user_id, kind, title, negotiation_id, property_id, booking_id, $1
FROM json_to_recordset($6)
    AS u(user_id bigint, kind text, title text, negotiation_id bigint, property_id bigint, booking_id bigint)
RETURNING id
"""
MOVED = Prepared("hub_moved", ("timestamptz", *["json"] * 5), WRITE.replace("{opened}", ""))
MOVED_AND_OPENED = Prepared("hub_opened", ("timestamptz", *["json"] * 6), WRITE.replace("{opened}", OPENED))


def write_draft(draft: Draft, *, now: datetime, since: float = 0.0) -> list[Publication]:
    """Writes the draft; returns what is to be published once it is committed, encoded. `since`: see `Publication`.

    Raises IntegrityError where a constraint is broken, among them a command's key that was stored meanwhile.
    """
    new = [row for row in draft.rows.values() if row.is_new]
    changes = [{"id": id, "status": status, "expires_at": at} for id, (status, at) in draft.offer_changes.items()]
    params: list[Any] = [now, *_tables(draft), *([_json(_opened(row) for row in new)] if new else [])]
    sql = (MOVED_AND_OPENED if new else MOVED).on_this_connection()
    if changes:
        sql, params = f"{END_OFFERS.on_this_connection()};{sql}", [_json(changes), *params]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        ids = [id for (id,) in cursor.fetchall()]
    _refreeze(draft.rows.values())
    return _publications(draft, ids, now, since)


def _tables(draft: Draft) -> list[str]:
    """The rows for each table, in the order of the statement's parameters."""
    return [
        _json(_moved(row) for row in draft.rows.values() if not row.is_new),
        _json(_slots(offer) for offer in draft.offers.values()),
        _json(
            {
                "n": e.negotiation_id,
                "seq": e.seq,
                "kind": e.kind,
                "actor": e.actor,
                "at": e.at,
                "data": orjson.Fragment(e.data),
            }
            for e in draft.entries
        ),
        _json(
            {"account_id": account, "key": key, "fingerprint": mark.hex(), "outcome": outcome}
            for account, key, mark, outcome in draft.outcomes
        ),
        _json(_slots(notification) for notification in draft.notifications),
    ]


def _publications(draft: Draft, notification_ids: list[int], now: datetime, since: float) -> list[Publication]:
    entries = [
        Publication(
            negotiation_topic(e.negotiation_id),
            entry_frame(e.negotiation_id, e.seq, e.kind, e.actor, e.data, e.at),
            e.seq,
            since,
        )
        for e in draft.entries
    ]
    told = [
        Publication(user_topic(n.user_id), orjson.dumps(_notification(n, id, now)), id)
        for n, id in zip(draft.notifications, notification_ids, strict=True)
    ]
    return entries + told


def _notification(n: NewNotification, id: int, now: datetime) -> dict[str, Any]:
    return notification_frame(
        id=id, kind=n.kind, title=n.title, negotiation_id=n.negotiation_id, booking_id=n.booking_id,
        property_id=n.property_id, at=now, read=False,
    )  # fmt: skip


def _moved(row: Row) -> dict[str, Any]:
    h = row.haggle
    return {
        "id": row.id,
        "status": h.status,
        "turn": h.turn,
        "has_offers": row.has_offers,
        "last_bid": h.last_bid,
        "last_ask": h.last_ask,
        "guest_left": h.guest_left,
        "host_left": h.host_left,
        "last_seq": row.last_seq,
        "ended_by": row.ended_by,
        "booking_id": row.booking_id,
        "auto_decline_at": row.auto_decline_at,
        "expiring_offer_id": row.expiring_offer_id,
        "updated_at": row.updated_at,
        "question_expires_at": None if row.has_offers else h.expires_at,
    }


def _opened(row: Row) -> dict[str, Any]:
    return _moved(row) | {
        "property_id": row.property_id,
        "guest_id": row.guest_id,
        "host_id": row.host_id,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "guests": row.guests,
        "booking_type": row.booking_type,
        "currency": row.currency,
        "list_amount": row.haggle.list_amount,
        "terms": row.terms,
    }


def _refreeze(rows: Iterable[Row]) -> None:
    """A question whose terms froze with its first offer gets them written too; rare, so a statement of its own."""
    for row in rows:
        if row.refrozen and not row.is_new:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE negotiation_negotiation SET guests = %s, booking_type = %s, list_amount = %s, terms = %s"
                    " WHERE id = %s",
                    [row.guests, row.booking_type, row.haggle.list_amount, orjson.dumps(row.terms).decode(), row.id],
                )


def _slots(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _json(records: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(records), default=str).decode()
