"""A home's nights as iCalendar (RFC 5545): all-day events, DTEND the check-out day; no names, no prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from icalendar import Calendar, Event

from properties.selectors.feeds import FeedNights


def as_icalendar(nights: Sequence[FeedNights], now: datetime) -> bytes:
    """The calendar's text."""
    calendar = Calendar()
    calendar.add("prodid", "-//StayNest//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for busy in nights:
        event = Event()
        event.add("uid", busy.uid)
        event.add("dtstamp", now)
        event.add("dtstart", busy.start)
        event.add("dtend", busy.end)
        event.add("summary", "Not available" if busy.is_closed else "Reserved")
        event.add("transp", "OPAQUE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
