"""What a mandate's machine has at stake, and what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import orjson

from core.clock import stamp
from core.database.prepared_statements import Prepared
from core.database.rows import Row, fetch_rows
from negotiation.events import entry_body
from negotiation.row_reading import read_terms
from negotiation.rules.mandates import total_of

# The kinds of stakes: a standing bid or ask, a sealed limit, or an agreement.
StakeKind = Literal["offer", "limit", "agreed"]

# For these mandates ($1), at a moment ($2): what binds in each negotiation. An offer and a sealed limit bind while they stand;
# an agreement that came of them, or of an accept, binds while it is unpaid or its stay is ahead.
STAKES = Prepared(
    "mandate_stakes",
    ("bigint[]", "timestamptz"),
    """
SELECT s.mandate_id, s.negotiation_id, n.currency,
    s.opened AND n.status = 'open' AND coalesce(o.expires_at, n.question_expires_at) > $2 AS is_open,
    CASE WHEN n.status = 'open' AND o.id = s.offer_id AND o.expires_at > $2 THEN (o.quote ->> 'total')::numeric END AS offer,
    CASE WHEN sealed.until > $2 AND sealed.number = s.seal THEN sealed.amount END AS limit_amount,
    CASE WHEN sealed.until > $2 AND sealed.number = s.seal THEN n.terms::text END AS terms,
    CASE WHEN o.id IN (s.offer_id, s.accepted_offer_id) OR (o.made_at = n.compared_at AND sealed.number = s.seal)
        THEN b.total END AS agreed
FROM negotiation_mandatestake s
JOIN accounts_mandate m ON m.id = s.mandate_id
JOIN negotiation_negotiation n ON n.id = s.negotiation_id
CROSS JOIN LATERAL (SELECT
    CASE m.side WHEN 'guest' THEN n.guest_limit ELSE n.host_limit END AS amount,
    CASE m.side WHEN 'guest' THEN n.guest_limit_until ELSE n.host_limit_until END AS until,
    CASE m.side WHEN 'guest' THEN n.guest_seals ELSE n.host_seals END AS number
) sealed
LEFT JOIN negotiation_offer o ON o.negotiation_id = n.id AND o.status IN ('standing', 'accepted')
LEFT JOIN bookings_booking b ON b.id = n.booking_id
WHERE s.mandate_id = ANY($1) AND (
    n.status = 'open'
    OR (b.status = 'confirmed' AND (b.payment_status IN ('due', 'processing') OR b.check_in_at > $2))
)
""",
)


@dataclass(slots=True)
class Standing:
    """The stakes of a mandate: negotiation → kind of stake → its total, all in; and the negotiations that it has open."""

    stakes: dict[int, dict[StakeKind, Decimal]] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)

    @property
    def total(self) -> Decimal:
        """The sum of the stakes, all in, which `max_total` bounds."""
        return total_of(self.stakes, without=0)


def read_stakes(rows: Iterable[Mapping[str, Any]]) -> dict[int, Standing]:
    """mandate → what it has at stake, from the rows of `STAKES`."""
    found: dict[int, Standing] = {}
    for row in rows:
        standing = found.setdefault(row["mandate_id"], Standing())
        if row["is_open"]:
            standing.opened.add(row["negotiation_id"])
        there = {kind: total for kind, total in _totals(row).items() if total is not None}
        if there:
            standing.stakes[row["negotiation_id"]] = there
    return found


def _totals(row: Mapping[str, Any]) -> dict[StakeKind, Decimal | None]:
    sealed = row["limit_amount"]
    limit = None if sealed is None else read_terms(row["terms"]).quote(sealed, row["currency"]).total
    return {"offer": row["offer"], "limit": limit, "agreed": row["agreed"]}


def get_standings(mandate_ids: Iterable[int], now: datetime) -> dict[int, Standing]:
    """mandate → what its machine has at stake now; one query. Each mandate has one."""
    ids = list(mandate_ids)
    rows = fetch_rows(STAKES.text, {"p1": ids, "p2": now}) if ids else []
    found = read_stakes(rows)
    return {id: found.get(id, Standing()) for id in ids}


_LOG = """
SELECT l.id, l.kind, l.negotiation_id, l.code, l."limit", l.times, l.at, n.property_id, n.terms ->> 'title' AS title,
    e.seq AS entry_seq, e.kind AS entry_kind, e.actor, e.data::text AS data, e.at AS entry_at, e.via
FROM negotiation_mandatemove l
LEFT JOIN negotiation_negotiation n ON n.id = l.negotiation_id
LEFT JOIN negotiation_entry e ON e.negotiation_id = l.negotiation_id AND e.seq = l.seq
WHERE l.mandate_id = %(mandate)s AND (%(before)s IS NULL OR l.id < %(before)s) ORDER BY l.id DESC LIMIT %(limit)s
"""


def list_log(mandate_id: int, limit: int, before: int | None) -> list[dict[str, Any]]:
    """What the machine did and was refused, newest first; the objects of docs/rest.md."""
    rows = fetch_rows(_LOG, {"mandate": mandate_id, "limit": limit, "before": before})
    return [_line(row) for row in rows]


def _line(row: Row) -> dict[str, Any]:
    home = None if row["property_id"] is None else {"id": row["property_id"], "title": row["title"]}
    return {
        "id": row["id"],
        "at": stamp(row["at"]),
        "type": row["kind"],
        "negotiation": row["negotiation_id"],
        "property": home,
        "entry": None if row["entry_seq"] is None else _entry(row),
        "code": row["code"] or None,
        "limit": row["limit"] or None,
        "times": row["times"],
    }


def _entry(row: Row) -> dict[str, Any]:
    data = orjson.loads(row["data"])
    return entry_body(
        row["negotiation_id"], row["entry_seq"], row["entry_kind"], row["actor"], data, row["entry_at"], row["via"]
    )


def machines_in(negotiation_ids: Sequence[int]) -> dict[int, set[str]]:
    """negotiation → the sides for which a machine has acted there."""
    rows = fetch_rows(
        "SELECT s.negotiation_id, m.side FROM negotiation_mandatestake s JOIN accounts_mandate m ON m.id = s.mandate_id"
        " WHERE s.negotiation_id = ANY(%s)",
        [list(negotiation_ids)],
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row["negotiation_id"], set()).add(row["side"])
    return found
