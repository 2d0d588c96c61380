"""The log's partitions: ranges of negotiations' numbers, about a month's worth each."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.database.partitions import ByNumber, Partitioned
from core.database.rows import fetch_rows

BY_NUMBER = ByNumber(Partitioned("negotiation_entry", "negotiation_id"), "negotiation_negotiation")
MONTH = timedelta(days=30)
NEWEST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS id FROM negotiation_negotiation_id_seq"
FIRST_FROM = "SELECT created_at FROM negotiation_negotiation WHERE id >= %s ORDER BY id LIMIT 1"


def keep_log_partitions(now: datetime) -> int:
    """A daily job: makes the log's next partition in time, drops those whose negotiations are all gone. Returns how many."""
    last = newest_id()
    width = last - _last_id_before(now - MONTH, last)
    return BY_NUMBER.create_ahead(last, width) + BY_NUMBER.drop_empty(last)


def newest_id() -> int:
    """The id that was drawn last; 0 before the first."""
    [row] = fetch_rows(NEWEST)
    return int(row["id"])


def _last_id_before(moment: datetime, last: int) -> int:
    """Roughly the newest id at that moment; ids rise with time, so a binary search finds it."""
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        found = fetch_rows(FIRST_FROM, [middle])
        if found and found[0]["created_at"] < moment:
            low = middle
        else:
            high = middle - 1
    return low
