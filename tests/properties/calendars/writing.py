"""Calendars as other sites write them, with invented data."""

from __future__ import annotations

from datetime import date, timedelta

from core import clock

TODAY = (clock.now() + timedelta(hours=6)).date()


def day(n: int) -> date:
    """So many days after today in Dhaka."""
    return TODAY + timedelta(n)


def event(*lines: str, uid: str = "a@elsewhere.example") -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT"]


def nights(first: int, last: int, uid: str = "a@elsewhere.example", *more: str) -> list[str]:
    """An event of whole days, counted from today."""
    return event(f"DTSTART;VALUE=DATE:{day(first):%Y%m%d}", f"DTEND;VALUE=DATE:{day(last):%Y%m%d}", *more, uid=uid)


def calendar(*events: list[str], head: tuple[str, ...] = (), newline: str = "\r\n") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *head]
    lines += [line for one in events for line in one]
    return newline.join([*lines, "END:VCALENDAR", ""]).encode()
