"""Notes how far a party has read the log."""

from __future__ import annotations

from core.database.rows import fetch_rows
from core.errors import not_found
from core.live.publishing import Publication, publish_on_commit
from negotiation.events import negotiation_topic, seen_frame
from negotiation.rules.negotiation_state import Side

# The mark only moves forward, never past the end. One statement, so that two tabs can't undo each other.
_MARK = {
    side: f"""
UPDATE negotiation_negotiation SET {side}_seen = LEAST(%(seq)s, last_seq)
WHERE id = %(id)s AND {side}_id = %(user)s AND {side}_seen < LEAST(%(seq)s, last_seq) RETURNING {side}_seen AS seen
"""  # noqa: S608 - one of two constants is put in
    for side in ("guest", "host")
}
_SIDE = "SELECT CASE WHEN guest_id = %(user)s THEN 'guest' ELSE 'host' END AS side FROM negotiation_negotiation \
WHERE id = %(id)s AND %(user)s IN (guest_id, host_id)"


def mark_seen(negotiation_id: int, user_id: int, seq: int) -> int | None:
    """Notes that the user has seen the log up to `seq` and tells the topic.

    Returns the new mark; None where it was as far already. Raises not_found for a stranger.
    """
    params = {"id": negotiation_id, "user": user_id, "seq": seq}
    found = fetch_rows(_SIDE, params)
    if not found:
        raise not_found()
    side: Side = found[0]["side"]
    marked = fetch_rows(_MARK[side], params)
    if not marked:
        return None
    seen: int = marked[0]["seen"]
    publish_on_commit([Publication(negotiation_topic(negotiation_id), seen_frame(negotiation_id, side, seen))])
    return seen
