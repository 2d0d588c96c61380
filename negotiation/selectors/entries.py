"""Reads the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from core.database.plain import fetch_often
from core.database.prepared_statements import Prepared
from core.database.rows import fetch_rows
from negotiation.events import entry_body, entry_frame

PAGE = 300

AFTER = Prepared(
    "entries_after",
    ["bigint", "bigint", "int"],
    """
SELECT seq, kind, actor, data::text AS data, at, via FROM negotiation_entry
WHERE negotiation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
""",
)


def list_entries(negotiation_id: int, *, after_seq: int = 0, limit: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """The entries after `after_seq` in order, at most `limit`, and whether there are more."""
    rows = fetch_often(AFTER(negotiation_id, after_seq, limit + 1))
    bodies = [entry_body(negotiation_id, **row | {"data": orjson.loads(row["data"])}) for row in rows[:limit]]
    return bodies, len(rows) > limit


def list_frames(negotiation_id: int, *, after_seq: int, limit: int = PAGE) -> list[tuple[int, bytes]]:
    """(seq, encoded entry) after `after_seq`, as they went over the wire."""
    rows = fetch_often(AFTER(negotiation_id, after_seq, limit))
    return [(row["seq"], entry_frame(negotiation_id, **row | {"data": row["data"].encode()})) for row in rows]


def get_last_seqs(ids: Sequence[int]) -> dict[int, int]:
    """negotiation → its last `seq`: how a process finds what it missed."""
    rows = fetch_rows("SELECT id, last_seq FROM negotiation_negotiation WHERE id = ANY(%s)", [list(ids)])
    return {row["id"]: row["last_seq"] for row in rows}
