"""The log, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from negotiation.events import entry_body, entry_frame

PAGE = 300

SELECT = "SELECT seq, kind, actor, data::text, at FROM negotiation_entry WHERE negotiation_id = %s AND seq > %s"


def list_entries(negotiation_id: int, *, after_seq: int = 0, limit: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """The entries after `after_seq` in order, at most `limit`, and whether there are more."""
    records = _fetch(negotiation_id, after_seq, limit + 1)
    bodies = [
        entry_body(negotiation_id, seq, kind, actor, orjson.loads(data), at)
        for seq, kind, actor, data, at in records[:limit]
    ]
    return bodies, len(records) > limit


def list_frames(negotiation_id: int, *, after_seq: int, limit: int = PAGE) -> list[tuple[int, bytes]]:
    """(seq, encoded entry) after `after_seq`, as they went over the wire."""
    return [
        (seq, entry_frame(negotiation_id, seq, kind, actor, data.encode(), at))
        for seq, kind, actor, data, at in _fetch(negotiation_id, after_seq, limit)
    ]


def get_last_seqs(ids: Sequence[int]) -> dict[int, int]:
    """negotiation → its last `seq`: how a process finds what it missed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, last_seq FROM negotiation_negotiation WHERE id = ANY(%s)", [list(ids)])
        return dict(cursor.fetchall())


def _fetch(negotiation_id: int, after_seq: int, limit: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{SELECT} ORDER BY seq LIMIT %s", [negotiation_id, after_seq, limit])
        return list(cursor.fetchall())
