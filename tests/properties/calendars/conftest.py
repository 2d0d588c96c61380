from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from core import clock
from properties.importing.lane import drain
from properties.models import ImportedCalendar, Property
from properties.selectors.calendar import list_taken
from properties.services.feeds import new_feed
from tests.factories.accounts import client_of
from tests.factories.properties import make_property
from tests.properties.calendars.feed_server import FeedServer, running
from tests.properties.calendars.writing import TODAY, day


class Home:
    """A home, its host's client, and what other sites take of it; days are counted from today."""

    def __init__(self, row: Property) -> None:
        new_feed(row)
        row.save()
        self.row = row
        self.api: APIClient = client_of(row.host)
        self.path = f"/api/property/{row.pk}/calendars/"

    def add(self, url: str, name: str = "Elsewhere", **more: Any) -> dict[str, Any]:
        answer = self.api.post(self.path, {"name": name, "url": url} | more)
        assert answer.status_code == 201, answer.data
        return answer.data

    def shown(self, number: int = 0) -> dict[str, Any]:
        return self.api.get(self.path).data[number]

    def read(self) -> None:
        """Everything is due, and read by the lane as the clock runs it."""
        ImportedCalendar.objects.update(due_at=clock.now())
        drain()

    def feed(self) -> list[str]:
        """The lines of our own feed of the home."""
        address = self.api.get(f"/api/property/{self.row.pk}/ical/").data["url"]
        return self.api.get(address.partition("testserver")[2]).content.decode().splitlines()

    def taken(self) -> list[tuple[int, int]]:
        spans = list_taken(self.row.pk, day(0), day(800), clock.now())
        return [((first - TODAY).days, (last - TODAY).days) for first, last in spans]


@pytest.fixture
def home(transactional_db: Any) -> Home:
    return Home(make_property())


@pytest.fixture(scope="session")
def _feed_server() -> Iterator[FeedServer]:
    with running() as server:
        yield server


@pytest.fixture
def elsewhere(_feed_server: FeedServer, settings: Any) -> FeedServer:
    """Another site's server, which the operator allows."""
    _feed_server.pages.clear()
    _feed_server.asked.clear()
    settings.CALENDAR_ALLOW_HOSTS = [f"127.0.0.1:{_feed_server.port}"]
    return _feed_server
