"""Reads whether the nights of open negotiations are free at the moment."""

from __future__ import annotations

from datetime import datetime

from core.database.rows import fetch_rows

# ruff: noqa: S608 - made of our own words

# Whether a night of the stay `n` at the home `p` is taken, or held by another guest, at a moment, or lies in no window.
NIGHTS_GONE = """
(EXISTS (
    SELECT FROM properties_calendarentry k
    WHERE k.property_id = n.property_id AND k.nights && n.nights AND (k.kind <> 'hold' OR (
        k.held_until > {now} AND NOT EXISTS (
            SELECT FROM bookings_booking h
            WHERE h.calendar_entry_id = k.id AND h.guest_id = n.guest_id AND h.payment_status <> 'processing'
        )))
) OR NOT (p.always_open OR (
    SELECT coalesce(range_agg(w.nights) @> n.nights, false) FROM properties_window w WHERE w.property_id = n.property_id
)))
"""
_ROOMS = f"""
SELECT n.id, NOT {NIGHTS_GONE.format(now="%(now)s")} AS free
FROM negotiation_negotiation n JOIN properties_property p ON p.id = n.property_id
"""
_OF_HOME = f"{_ROOMS} WHERE n.property_id = %(home)s AND n.status = 'open' ORDER BY n.id"
_OF_ONE = f"{_ROOMS} WHERE n.id = %(id)s"


def list_rooms_nights(property_id: int, *, now: datetime) -> dict[int, bool]:
    """The open negotiations about a home, and whether the nights of each are free for its guest."""
    return {row["id"]: row["free"] for row in fetch_rows(_OF_HOME, {"home": property_id, "now": now})}


def are_nights_free(negotiation_id: int, *, now: datetime) -> bool:
    """Whether the nights of a negotiation are free for its guest."""
    [row] = fetch_rows(_OF_ONE, {"id": negotiation_id, "now": now})
    return bool(row["free"])
