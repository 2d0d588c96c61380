"""Reads a file of another site as the events that take nights, one for each occurrence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import recurring_ical_events
from icalendar import Calendar, Event
from recurring_ical_events.errors import InvalidCalendar
from x_wr_timezone import UTCChangingWalker

from properties.rules.ical.events import busy_events, changes_of, placed_event
from properties.rules.ical.limits import DAYS_AHEAD, LAST_DAY_AHEAD, LONGEST_UID, MOST_OCCURRENCES
from properties.rules.ical.nights import Place, nights_of
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.reading import ForeignEvent, Reading
from properties.rules.ical.text import read_components
from properties.rules.ical.zones import Zones, known_zone


def read_feed(body: bytes, place: Place) -> Reading:
    """The nights that the file in `body` takes at `place`. Raises CalendarProblem; `calendar_words` lists its codes."""
    found: set[ForeignEvent] = set()
    count = 0
    for calendar in read_components(body):
        placed = _placed(calendar, count, place)
        count += len(placed)
        if str(calendar.get("METHOD", "")).upper() == "CANCEL":
            continue
        for event in _times(placed, place):
            if _takes(event) and (foreign := _foreign(event, place)):
                found.add(foreign)
        if len(found) > MOST_OCCURRENCES:
            raise CalendarProblem("too_many_dates", str(MOST_OCCURRENCES))
    return Reading(count, tuple(sorted(found)))


def _placed(calendar: Calendar, before: int, place: Place) -> list[Event]:
    zones = Zones(calendar, place.zone)
    own = known_zone(str(calendar.get("X-WR-TIMEZONE", "")))
    walker = UTCChangingWalker(own) if own else None
    events = [placed_event(one, before + n, zones, walker) for n, one in enumerate(calendar.walk("VEVENT"), 1)]
    try:
        return events + [event for one in calendar.walk("VFREEBUSY") for event in busy_events(one, zones)]
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise CalendarProblem("unreadable_event", str(before + len(events) + 1)) from error


def _takes(event: Event) -> bool:
    """Whether an occurrence takes nights: the library returns cancelled ones too."""
    transparent = str(event.get("TRANSP", "")).strip().upper() == "TRANSPARENT"
    return not (transparent or str(event.get("STATUS", "")).strip().upper() == "CANCELLED")


def _foreign(event: Event, place: Place) -> ForeignEvent | None:
    span = nights_of(event["DTSTART"].dt, event["DTEND"].dt, place)
    if span is None or span[1] <= place.today:
        return None
    last = place.today + timedelta(LAST_DAY_AHEAD)
    start, end = span[0], min(span[1], last)
    return ForeignEvent(start, end, _short(str(event.get("UID", "")))) if start < end else None


def _short(uid: str) -> str:
    return uid if len(uid) <= LONGEST_UID else sha256(uid.encode("utf-8", "replace")).hexdigest()


def _times(events: list[Event], place: Place) -> Iterator[Event]:
    """Every occurrence in the span that counts: single events once, repeated ones each time."""
    series: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        series[str(event.get("UID", ""))].append(event)
    for group in series.values():
        masters = [event for event in group if "RECURRENCE-ID" not in event]
        changes = [event for event in group if "RECURRENCE-ID" in event]
        if not masters:
            yield from changes
        for master in masters:
            yield from _unrolled(master, changes, place) if changes or _repeats(master) else [master]


def _repeats(event: Event) -> bool:
    return "RRULE" in event or "RDATE" in event


def _unrolled(master: Event, changes: list[Event], place: Place) -> Iterator[Event]:
    """Unrolls repeated events. Two events under one UID are two series, and each gets the changes of both."""
    calendar = Calendar()
    calendar.subcomponents = [master, *changes_of(changes, master, place.zone)]
    # The span begins a day earlier: an event that began yesterday may still take tonight.
    first, last = place.today - timedelta(2), place.today + timedelta(DAYS_AHEAD + 1)
    try:
        yield from recurring_ical_events.of(calendar).between(first, last)
    except (InvalidCalendar, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise CalendarProblem("unreadable_rule", str(master.get("UID", ""))[:60]) from error
