"""The lane beside the clock in which calendars of other sites are read: many at once, each bounded, none in a request.

A calendar whose server hangs costs its place in the lane for ten seconds, then ever less often. Any number of lanes, in
any number of processes, share what is due; the calendars of a lane that dies are due again within a minute.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import structlog
from django.conf import settings
from django.db import Error

from core import clock
from core.outbound.lane import LOOK_S, OutboundLane
from properties.importing.fetching import Fetched, Fetcher
from properties.importing.interpreter import Interpreters
from properties.rules.ical.problems import CalendarProblem
from properties.services import calendar_readings as readings
from properties.services.calendar_readings import Due

log = structlog.get_logger(__name__)

AT_ONCE = 100
CLAIMED = 50
DATABASE_THREADS = 4
INTERPRETERS = 2


def serve(stop: threading.Event) -> None:
    """Reads what is due until `stop` is set."""
    asyncio.run(Lane().run(stop))


def drain() -> int:
    """Reads all that is due now, once each. Returns how many."""
    lane = Lane()
    asyncio.run(lane.run(None))
    return lane.read


class Lane(OutboundLane):
    """Calendars, each from its address to its nights; what is being read at the end is read again after its lease."""

    def __init__(self) -> None:
        super().__init__("calendars", database_threads=DATABASE_THREADS)
        self.read = 0

    def open(self) -> None:
        self._fetcher = Fetcher(settings.CALENDAR_ALLOW_HOSTS, AT_ONCE)
        self._interpreters = Interpreters(INTERPRETERS)

    async def close(self) -> None:
        await self._interpreters.close()
        await self._fetcher.close()

    async def look(self) -> int:
        """Claims as many as there is room for and begins to read them. Returns how many."""
        room = min(AT_ONCE - len(self.tasks), CLAIMED)
        if room <= 0:
            return 0
        due = await self.in_database(lambda: readings.claim_due(room, clock.now()))
        for one in due:
            self.begin(self._read(one))
        return len(due)

    async def rest(self, begun: int, *, drains: bool) -> None:
        """Until one is done, or it is time to look again; not at all while there is room and more may be due."""
        if begun and len(self.tasks) < AT_ONCE:
            return
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(LOOK_S)

    async def _read(self, due: Due) -> None:
        """One calendar, from its address to its nights. Whatever happens, the lane goes on."""
        try:
            await self._fetch_and_store(due)
            self.read += 1
        except CalendarProblem as problem:
            await self._store(partial(readings.store_failure, due, problem, clock.now()))
        except Exception:
            # Nothing more to do: it is due again when its lease ends.
            log.exception("a calendar could not be read", calendar=due.id)

    async def _fetch_and_store(self, due: Due) -> None:
        known = {"etag": due.etag, "modified": due.modified} if due.is_fresh else {}
        fetched = Fetched(due.file) if due.file is not None else await self._fetcher.fetch(due.url, **known)
        body = fetched.body
        if body is None or (digest := due.digest_of(body)) == due.digest:
            await self._store(lambda: readings.store_unchanged(due, clock.now()))
            return
        reading = await self._interpreters.interpret(body, due.place)
        await self._store(
            lambda: readings.store_reading(
                due, reading, digest=digest, etag=fetched.etag, modified=fetched.modified, now=clock.now()
            )
        )

    async def _store(self, write: Callable[[], None]) -> None:
        try:
            await self.in_database(write)
        except Error as error:
            log.warning("what a calendar holds could not be stored", error=str(error))
