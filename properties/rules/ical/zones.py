"""Resolves times to zones, in one way for every time of a file: parts of the library differ from each other.

A file's own definition of a zone holds for that VCALENDAR only, and there before the zones that everybody knows. A time
without a zone, or in one that is neither defined nor known, is the home's own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

When = date | datetime


class Zones:
    """The zones of one VCALENDAR, seen from a home in `home`."""

    def __init__(self, calendar: Calendar, home: tzinfo) -> None:
        self.home = home
        self._definitions = {_clean(zone.get("TZID", "")): zone for zone in calendar.walk("VTIMEZONE")}
        self._found: dict[str, tzinfo] = {}

    def place(self, when: Any, tzid: str | None) -> Any:
        """A day as it is; a time as an instant. `when` is the library's value, whose zone is believed only for UTC."""
        if not isinstance(when, datetime):
            return when
        if tzid is None and when.tzinfo is not None and when.utcoffset() == timedelta(0):
            return when
        return when.replace(tzinfo=self.named(tzid) if tzid else self.home)

    def named(self, tzid: str) -> tzinfo:
        """The zone that `tzid` means in this calendar."""
        name = _clean(tzid)
        if name not in self._found:
            self._found[name] = self._defined(name) or known_zone(tzid) or self.home
        return self._found[name]

    def _defined(self, name: str) -> tzinfo | None:
        definition = self._definitions.get(name)
        if definition is None:
            return None
        try:
            # A name of its own: under the zone's name the library answers the first such zone that this process has met.
            zone: tzinfo = definition.to_tz(lookup_tzid=False)
            zone.utcoffset(datetime(2026, 7, 1))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            return None  # a definition that says nothing usable
        return zone


def known_zone(tzid: str) -> tzinfo | None:
    """The zone of an IANA name in any case, of a Windows name, or of an IANA name behind a vendor's prefix."""
    name = _clean(tzid)
    name = WINDOWS_TO_OLSON.get(name, name)
    parts = name.casefold().split("/")
    names = _names()
    for start in range(len(parts)):
        if found := names.get("/".join(parts[start:])):
            return ZoneInfo(found)
    return None


@cache
def _names() -> dict[str, str]:
    """The names of zones, without those that mean the computer's own zone."""
    return {name.casefold(): name for name in available_timezones() if name not in ("localtime", "Factory")}


def _clean(tzid: Any) -> str:
    return str(tzid).strip().strip("/")
