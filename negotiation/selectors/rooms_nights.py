"""Whether the nights that rooms haggle about are free just now."""

from __future__ import annotations

from datetime import datetime

from core.database.rows import fetch_rows
from negotiation.engine.sql import NIGHTS_GONE

# ruff: noqa: S608 - made of our own words

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
