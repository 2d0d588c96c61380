"""The zones in which a property can lie."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from core.zone_names import one_spelling

if TYPE_CHECKING:
    from timezonefinder import TimezoneFinder

USUAL = "Asia/Dhaka"
# A finder keeps open files and is not made for several threads.
_finding = threading.Lock()


def is_known_timezone(name: str) -> bool:
    """Whether the pinned table has the zone."""
    return name in _known()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def timezone_at(latitude: float, longitude: float) -> str:
    """The zone of a point in degrees, at sea that of its hour; the usual one where the table has no such zone."""
    with _finding:
        name = _finder().timezone_at(lat=latitude, lng=longitude)
    found = one_spelling(name or "")
    return found if is_known_timezone(found) else USUAL


@lru_cache(maxsize=1)
def _finder() -> TimezoneFinder:
    # Loaded with the first place that is set: it brings NumPy along.
    from timezonefinder import TimezoneFinder

    return TimezoneFinder()
