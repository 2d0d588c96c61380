"""How far a party has read the log."""

from __future__ import annotations

from django.db import connection

from core.errors import not_found
from core.live.publishing import Publication, publish_on_commit
from negotiation.events import negotiation_topic, seen_frame
from negotiation.rules.negotiation_state import Side

# Only forwards, and never past the end; one statement, so that two tabs can't undo each other.
_MARK = {
    side: f"""
UPDATE negotiation_negotiation SET {side}_seen = LEAST(%(seq)s, last_seq)
WHERE id = %(id)s AND {side}_id = %(user)s AND {side}_seen < LEAST(%(seq)s, last_seq) RETURNING {side}_seen
"""  # noqa: S608 - one of two constants is put in
    for side in ("guest", "host")
}
_SIDE = "SELECT CASE WHEN guest_id = %(user)s THEN 'guest' ELSE 'host' END FROM negotiation_negotiation \
WHERE id = %(id)s AND %(user)s IN (guest_id, host_id)"


def mark_seen(negotiation_id: int, user_id: int, seq: int) -> int | None:
    """Notes that the user has seen the log up to `seq` and tells the topic.

    Returns the new mark; None where it was as far already. Raises not_found for a stranger.
    """
    params = {"id": negotiation_id, "user": user_id, "seq": seq}
    with connection.cursor() as cursor:
        cursor.execute(_SIDE, params)
        found: tuple[Side] | None = cursor.fetchone()
        if found is None:
            raise not_found()
        side = found[0]
        cursor.execute(_MARK[side], params)
        row = cursor.fetchone()
    if row is None:
        return None
    publish_on_commit([Publication(negotiation_topic(negotiation_id), seen_frame(negotiation_id, side, row[0]))])
    return int(row[0])
