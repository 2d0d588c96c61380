"""Reads the bytes of an iCalendar file, from any program, as components of the library.

Lines end in CRLF or LF, or all of them in CR: one CR among other ends is part of a text, and so no guest's name can close an
event and begin another. A fold may lie within a character; a byte-order mark may lead; several VCALENDARs may follow
one another. Lines that nights don't depend on, guests' names among them, are dropped before they are parsed.
"""

from __future__ import annotations

import codecs
import re
import warnings
from collections.abc import Iterator

from icalendar import Calendar

from properties.rules.ical.limits import MOST_BYTES, MOST_EVENTS
from properties.rules.ical.problems import CalendarProblem

DEEPEST = 8
KEPT = frozenset(
    (
        "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "SEQUENCE", "STATUS",
        "TRANSP", "FREEBUSY", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "X-WR-TIMEZONE", "METHOD",
    )
)  # fmt: skip
NAME = re.compile(r"[A-Za-z0-9-]+")
# The part before the colon, which may hold quoted colons, and a value that is not empty.
VALUE = re.compile(r'((?:"[^"]*"|[^":])*:)\s*(\S.*?)\s*$', re.DOTALL)
FOLD = re.compile(rb"\n[ \t]")
# A time in UTC has no other zone (RFC 5545, 3.2.19); the library would believe the zone and drop the Z.
ZONED_UTC = re.compile(r'^([^:"]*?);TZID=(?:"[^"]*"|[^;:"]*)([^:"]*:[0-9T]+Z)$', re.IGNORECASE)


def read_components(body: bytes) -> list[Calendar]:
    """The calendars in `body`, one after the other.

    Raises CalendarProblem: too_large, not_a_calendar, cut_off, too_many_events, unreadable.
    """
    if len(body) > MOST_BYTES:
        raise CalendarProblem("too_large", str(MOST_BYTES // 2**20))
    lines = list(_lines(body))
    check_structure(lines)
    try:
        with warnings.catch_warnings():
            # The library warns that it guessed a zone's name; `zones` finds zones by its own rules.
            warnings.simplefilter("ignore")
            found = Calendar.from_ical("\r\n".join(lines) + "\r\n", multiple=True)
    except (ValueError, LookupError, OverflowError, TypeError, AttributeError) as error:
        raise CalendarProblem("unreadable") from error
    return [one for one in found if one.name == "VCALENDAR"]


def _lines(body: bytes) -> Iterator[str]:
    """The unfolded lines that nights depend on."""
    for line in _decoded(body).split("\n"):
        name = NAME.match(line)
        word = name[0].upper() if name else ""
        if word in ("BEGIN", "END"):
            yield f"{word}:{line.partition(':')[2].strip().upper()}"
        elif word in KEPT and (found := VALUE.match(line)):
            yield ZONED_UTC.sub(r"\1\2", found[1] + found[2].replace("\r", " "))
        elif word in KEPT and ":" not in line:
            yield line  # a line without a property: the file is broken


def _decoded(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", "replace").encode()
    plain = body.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    if b"\n" not in plain:
        plain = plain.replace(b"\r", b"\n")
    unfolded = FOLD.sub(b"", plain)
    try:
        return unfolded.decode()
    except UnicodeDecodeError:
        return unfolded.decode("cp1252", "replace")


def check_structure(lines: list[str]) -> None:
    """Raises CalendarProblem where this is no calendar, ends in the middle, or holds too many events."""
    if "BEGIN:VCALENDAR" not in lines:
        raise CalendarProblem("not_a_calendar")
    open_ones: list[str] = []
    events = 0
    for line in lines:
        word, _, name = line.partition(":")
        if word == "BEGIN":
            open_ones.append(name)
            events += name == "VEVENT"
        elif word == "END" and (not open_ones or open_ones.pop() != name):
            raise CalendarProblem("cut_off")
        if len(open_ones) > DEEPEST:
            raise CalendarProblem("unreadable")
    if open_ones:
        raise CalendarProblem("cut_off")
    if events > MOST_EVENTS:
        raise CalendarProblem("too_many_events", str(MOST_EVENTS))
