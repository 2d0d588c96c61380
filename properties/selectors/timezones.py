"""The zones in which a property can lie."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from django.db import connection


def is_known_timezone(name: str) -> bool:
    """Whether Python and the database both know the zone: search computes local dates in SQL."""
    return name in _known()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(name for (name,) in cursor.fetchall()) & available_timezones()
