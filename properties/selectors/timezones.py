"""The zones in which a property can lie."""

from __future__ import annotations

import threading
from functools import lru_cache
from zoneinfo import available_timezones

from django.db import connection
from timezonefinder import TimezoneFinder

from core.zone_names import one_spelling

USUAL = "Asia/Dhaka"
# A finder keeps open files and is not made for several threads.
_finding = threading.Lock()


def is_known_timezone(name: str) -> bool:
    """Whether Python and the database both know the zone: search computes local dates in SQL."""
    return name in _known()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(name for (name,) in cursor.fetchall()) & available_timezones()


def timezone_at(latitude: float, longitude: float) -> str:
    """The zone of a point in degrees, at sea that of its hour; the usual one where the database knows no such zone."""
    with _finding:
        name = _finder().timezone_at(lat=latitude, lng=longitude)
    found = one_spelling(name or "")
    return found if is_known_timezone(found) else USUAL


@lru_cache(maxsize=1)
def _finder() -> TimezoneFinder:
    return TimezoneFinder()
