"""What moves that take nights lock and read, before their negotiations: property, guest, then every row concerned.

The order is everybody's: properties ascending, guests ascending, negotiations ascending (docs/design.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from accounts.models import display_name
from bookings.selectors.unpaid import count_unpaid, list_pauses
from negotiation.engine.load_negotiations import WAIT_S, patience
from negotiation.engine.loaded import Counts, Facts, Row
from negotiation.engine.moves import Move, Open, Within
from properties.selectors.terms import get_terms_map

LOCK = """
SELECT 1 FROM properties_property WHERE id = ANY(ARRAY(
    SELECT unnest(%(properties)s::bigint[])
    UNION SELECT property_id FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
)) ORDER BY id FOR NO KEY UPDATE;
SELECT 1 FROM accounts_user WHERE id = ANY(ARRAY(
    SELECT unnest(%(guests)s::bigint[])
    UNION SELECT guest_id FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
)) ORDER BY id FOR NO KEY UPDATE;
WITH stays AS (
    SELECT property_id, guest_id, nights FROM negotiation_negotiation WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT property_id, guest_id, daterange(start_date, end_date)
    FROM json_to_recordset(%(opens)s::json) AS u(property_id bigint, guest_id bigint, start_date date, end_date date)
)
SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.property_id = s.property_id AND r.nights && s.nights
UNION SELECT r.id FROM stays s JOIN negotiation_negotiation r
    ON r.status = 'open' AND r.guest_id = s.guest_id AND r.nights && s.nights
"""

TAKEN = """
SELECT c.property_id, lower(c.nights), upper(c.nights),
    CASE WHEN c.kind = 'hold' AND b.payment_status <> 'processing' THEN b.guest_id END
FROM properties_calendarentry c LEFT JOIN bookings_booking b ON b.calendar_entry_id = c.id
WHERE c.property_id = ANY(%(properties)s) AND c.nights && daterange(%(start)s, %(end)s)
    AND (c.kind <> 'hold' OR c.held_until > %(now)s OR b.payment_status = 'processing')
"""

COUNTS = """
SELECT u.guest_id, u.property_id, n.count, n.first, b.count, b.first
FROM json_to_recordset(%(pairs)s::json) AS u(guest_id bigint, property_id bigint)
LEFT JOIN LATERAL (
    SELECT count(*), min(created_at) AS first FROM negotiation_negotiation
    WHERE property_id = u.property_id AND guest_id = u.guest_id AND created_at > %(since)s AND has_offers
) n ON true
LEFT JOIN LATERAL (
    SELECT count(*), min(o.made_at) AS first
    FROM negotiation_negotiation m JOIN negotiation_offer o ON o.negotiation_id = m.id
    WHERE m.property_id = u.property_id AND m.guest_id = u.guest_id AND m.updated_at > %(since)s
        AND o.by = 'guest' AND o.made_at > %(since)s
) b ON true
"""


def lock_ground(moves: Sequence[Move], *, wait_s: float = WAIT_S) -> list[int]:
    """Locks the properties and the guests of `moves`; returns the open negotiations that an agreement would end."""
    opens = [move for move in moves if isinstance(move, Open)]
    params: dict[str, Any] = {
        "ids": [move.negotiation_id for move in moves if isinstance(move, Within)],
        "properties": [move.property_id for move in opens],
        "guests": [move.actor_id for move in opens],
        "opens": orjson.dumps([_stay(move) for move in opens]).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(patience(wait_s) + LOCK, params)
        return [id for (id,) in cursor.fetchall()]


def read_facts(moves: Sequence[Move], rows: dict[int, Row], *, now: datetime, counted: bool) -> Facts:
    """What those moves look at. The properties' rows are held by the caller."""
    opens = [move for move in moves if isinstance(move, Open)]
    within = [rows[m.negotiation_id] for m in moves if isinstance(m, Within) and m.negotiation_id in rows]
    stays: list[Row | Open] = [*opens, *within]
    if not stays:
        return Facts()
    properties = sorted({stay.property_id for stay in stays})
    guests = {stay.guest_id if isinstance(stay, Row) else stay.actor_id for stay in stays}
    terms = get_terms_map(properties)
    facts = Facts(terms=terms, unpaid=count_unpaid(sorted(guests), now=now), counts={})
    facts.taken = _read_taken(properties, stays, now)
    facts.names = _read_names(guests | {t.host_id for t in terms.values()})
    pairs = {(s.guest_id if isinstance(s, Row) else s.actor_id, s.property_id) for s in stays}
    facts.counts = _read_counts(sorted(pairs), now=now, counted=counted)
    return facts


def _read_taken(
    properties: list[int], stays: list[Row | Open], now: datetime
) -> dict[int, list[tuple[Any, Any, int | None]]]:
    params: dict[str, Any] = {
        "properties": properties,
        "start": min(stay.start_date for stay in stays),
        "end": max(stay.end_date for stay in stays),
        "now": now,
    }
    if params["start"] >= params["end"]:  # only reversed dates: refused before any night is looked at
        return {}
    taken: dict[int, list[tuple[Any, Any, int | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, params)
        for property_id, start, end, held_for in cursor.fetchall():
            taken.setdefault(property_id, []).append((start, end, held_for))
    return taken


def _read_names(user_ids: set[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, first_name, last_name, username FROM accounts_user WHERE id = ANY(%s)", [sorted(user_ids)]
        )
        return {id: display_name(first, last, username) for id, first, last, username in cursor.fetchall()}


def _read_counts(pairs: list[tuple[int, int]], *, now: datetime, counted: bool) -> dict[tuple[int, int], Counts]:
    pauses = list_pauses(pairs, now=now)
    counts = {pair: Counts(paused_until=pauses.get(pair)) for pair in pairs}
    if not counted:
        return counts
    body = orjson.dumps([{"guest_id": guest, "property_id": home} for guest, home in pairs]).decode()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"pairs": body, "since": now - timedelta(days=1)})
        for guest, home, opened, first_opened, bids, first_bid in cursor.fetchall():
            counts[guest, home] = Counts(opened, first_opened, bids, first_bid, pauses.get((guest, home)))
    return counts


def _stay(move: Open) -> dict[str, Any]:
    end = max(move.end_date, move.start_date)  # reversed dates are refused later; a range must not be
    return {"property_id": move.property_id, "guest_id": move.actor_id, "start_date": move.start_date, "end_date": end}
