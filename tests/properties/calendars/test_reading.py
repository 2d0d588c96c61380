"""From an address to nights that are taken, through the doors and the lane, on a real server and database."""

from __future__ import annotations

import pytest

from properties.models import CalendarEntry, ImportedEvent
from tests.properties.calendars.feed_server import tagged
from tests.properties.calendars.writing import calendar, day, nights


def test_an_address_is_read_and_its_nights_are_taken(home, elsewhere):
    elsewhere.pages["/a.ics"] = calendar(nights(5, 8), nights(20, 22, "b"), nights(-9, -2, "past"))
    added = home.add(elsewhere.url())
    assert (added["status"], added["last_read_at"], added["events"]) == ("waiting", None, 0)
    home.read()
    shown = home.shown()
    assert (shown["status"], shown["events"], shown["nights"], shown["conflicts"]) == ("good", 3, 5, [])
    assert (shown["last_error"], shown["url"]) == (None, elsewhere.url())
    assert home.taken() == [(5, 8), (20, 22)]
    assert set(CalendarEntry.objects.values_list("kind", flat=True)) == {"elsewhere"}
    assert ImportedEvent.objects.count() == 2
    home.read()
    assert home.taken() == [(5, 8), (20, 22)]
