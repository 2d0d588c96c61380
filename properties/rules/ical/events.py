"""Reads one VEVENT as a component with resolved times, which can be unrolled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from icalendar import Event, FreeBusy
from icalendar.error import BrokenCalendarProperty
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from x_wr_timezone import UTCChangingWalker

from properties.rules.ical.nights import MIDNIGHT, ONE, as_days
from properties.rules.ical.problems import CalendarProblem
from properties.rules.ical.zones import When, Zones

COPIED = ("UID", "SEQUENCE", "STATUS", "TRANSP")
LAST_SECOND = time(23, 59, 59)
EARLIEST_YEAR, LATEST = 1600, date(2199, 12, 31)


def placed_event(source: Event, number: int, zones: Zones, walker: UTCChangingWalker | None) -> Event:
    """A copy of `source`, the file's `number`-th event, whose times are days or instants; the rest is left out.

    `walker` moves times in UTC to the zone that the calendar names as its own (X-WR-TIMEZONE). Raises CalendarProblem
    (unreadable_event).
    """
    try:
        return _placed(source, zones, walker)
    except (BrokenCalendarProperty, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise CalendarProblem("unreadable_event", str(number)) from error


def _placed(source: Event, zones: Zones, walker: UTCChangingWalker | None) -> Event:
    event = Event()
    for name in COPIED:
        if name in source:
            event[name] = _one(source[name])
    start = _when(source, "DTSTART", zones)
    end = _end(source, start, zones)
    event["DTSTART"], event["DTEND"] = vDDDTypes(start), vDDDTypes(end)
    _add_recurrence(source, event, start, zones)
    if walker is not None and as_days(start, end) is None:
        event = walker.walk_event(event)
    return event


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one(value: Any) -> Any:
    """The value of a property; where it is written twice, the last one."""
    return value[-1] if isinstance(value, list) else value


def _when(source: Event, name: str, zones: Zones) -> When:
    value = _one(source[name])
    when = value.dt
    if not isinstance(when, date):
        raise ValueError(name)
    return zones.place(_in_range(when), value.params.get("TZID"))


def _in_range(when: When) -> When:
    """The time, moved into years that arithmetic can handle: "for ever" is written as year 9999, birthdays begin in 1604."""
    if when.year > LATEST.year:
        return when.replace(year=LATEST.year, month=LATEST.month, day=LATEST.day)
    return when.replace(year=EARLIEST_YEAR) if when.year < EARLIEST_YEAR else when


def _end(source: Event, start: When, zones: Zones) -> When:
    """The end, never before the start. An event without an end takes its day where it begins on a day, and no time otherwise."""
    if "DTEND" in source:
        end = _when(source, "DTEND", zones)
    elif "DURATION" in source:
        end = _lasting(start, _one(source["DURATION"]).dt)
    else:
        end = start
    if isinstance(start, datetime) and isinstance(end, datetime):
        return max(end, start)
    return end


def _lasting(start: When, duration: timedelta) -> When:
    """The end after a duration: days count by the wall clock, hours exactly (RFC 5545, 3.3.6); a day lasts whole days."""
    if not isinstance(start, datetime):
        return start + timedelta(-(-duration // ONE))
    whole = start + timedelta(days=duration.days)
    rest = duration - timedelta(days=duration.days)
    return (whole.astimezone(UTC) + rest).astimezone(start.tzinfo) if rest else whole


def _add_recurrence(source: Event, event: Event, start: When, zones: Zones) -> None:
    if "RRULE" in source:
        event["RRULE"] = [_rule(rule, start, zones) for rule in _all(source["RRULE"])]
    for name in ("RDATE", "EXDATE"):
        if name in source:
            event[name] = vDDDLists(list(_dates(source[name], start, zones)))
    if "RECURRENCE-ID" in source:
        value = _one(source["RECURRENCE-ID"])
        event["RECURRENCE-ID"] = vDDDTypes(zones.place(value.dt, value.params.get("TZID")))
        if "RANGE" in value.params:
            event["RECURRENCE-ID"].params["RANGE"] = value.params["RANGE"]


def changes_of(changes: Iterable[Event], master: Event, home: tzinfo) -> Iterator[Event]:
    """The changes of a series; each names its time as the series has them, by days or by times."""
    start = master["DTSTART"].dt
    for change in changes:
        named = change["RECURRENCE-ID"]
        copied = change.copy(recursive=True)
        copied["RECURRENCE-ID"] = vDDDTypes(_like(named.dt, start, home))
        if "RANGE" in named.params:
            copied["RECURRENCE-ID"].params["RANGE"] = named.params["RANGE"]
        yield copied


def _dates(values: Any, start: When, zones: Zones) -> Iterator[Any]:
    """The days or times of a list, each of the start's kind; a period is (start, length)."""
    for one in _all(values):
        for value in one.dts:
            tzid = one.params.get("TZID") or value.params.get("TZID")
            if isinstance(value.dt, tuple):
                first, last = value.dt
                begins = zones.place(first, tzid)
                length = last if isinstance(last, timedelta) else zones.place(last, tzid) - begins
                yield begins, begins + length
            else:
                yield _like(zones.place(value.dt, tzid), start, zones.home)


def _like(when: When, start: When, home: tzinfo) -> When:
    """Converts a value to the start's kind: a day becomes the start's time on that day, a time becomes its day."""
    if isinstance(start, datetime) and not isinstance(when, datetime):
        return datetime.combine(when, start.timetz())
    if isinstance(when, datetime) and not isinstance(start, datetime):
        return _day_of(when, home)
    return when


def _day_of(when: datetime, home: tzinfo) -> date:
    """The day of a time. Midnight in UTC means that day; other times in UTC count by the home's zone, the rest by their own."""
    in_utc = when.utcoffset() == timedelta(0) and when.tzname() == "UTC"
    if in_utc and when.time() not in (MIDNIGHT, LAST_SECOND):
        return when.astimezone(home).date()
    return when.date()


def busy_events(component: FreeBusy, zones: Zones) -> Iterator[Event]:
    """The periods of a calendar that publishes free/busy times only (RFC 5545, 3.6.4), each as an event."""
    periods = component.get("FREEBUSY", [])
    for period in _all(periods):
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            event = Event()
            event["UID"] = component.get("UID", "")
            start, last = period.dt
            event["DTSTART"] = vDDDTypes(zones.place(_in_range(start), None))
            event["DTEND"] = vDDDTypes(
                _lasting(_in_range(start), last) if isinstance(last, timedelta) else zones.place(_in_range(last), None)
            )
            yield event


def _rule(rule: vRecur, start: When, zones: Zones) -> vRecur:
    """The rule with an UNTIL of the start's kind: a day for days, UTC for times. Raises CalendarProblem (unreadable_rule)."""
    if "FREQ" not in rule or any(number < 1 for name in ("INTERVAL", "COUNT") for number in _all(rule.get(name, []))):
        raise CalendarProblem("unreadable_rule", str(rule.to_ical().decode())[:60])
    copied = vRecur(rule)
    if until := rule.get("UNTIL"):
        last = until[0] if isinstance(until, list) else until
        copied["UNTIL"] = [_last_time(last, start) if isinstance(start, datetime) else _like(last, start, zones.home)]
    return copied


def _last_time(until: When, start: datetime) -> datetime:
    """The last moment of UNTIL; a day counts to its end in the event's own zone."""
    if not isinstance(until, datetime):
        until = datetime.combine(until, LAST_SECOND)
    return (until if until.tzinfo else until.replace(tzinfo=start.tzinfo)).astimezone(UTC)
