"""The lane beside the clock in which calendars of other sites are read: many at once, each bounded, none in a request.

A calendar whose server hangs costs its place in the lane for ten seconds, then ever less often. Any number of lanes, in
any number of processes, share what is due; one that dies gives its calendars back within a minute.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connection, connections

from core import clock
from properties.importing.fetching import Fetched, Fetcher
from properties.importing.interpreter import Interpreters
from properties.rules.ical.problems import CalendarProblem
from properties.services import calendar_readings as readings
from properties.services.calendar_readings import Due

log = structlog.get_logger(__name__)
T = TypeVar("T")

AT_ONCE = 100
CLAIMED = 50
DATABASE_THREADS = 4
INTERPRETERS = 2
# A calendar that was just added waits so long at most for the lane to look.
LOOK_S = 1.0
# What is being read when the lane is told to stop has so long to end; the rest is read again after its lease.
LAST_S = 2.0


def serve(stop: threading.Event) -> None:
    """Reads what is due until `stop` is set."""
    asyncio.run(Lane().run(stop))


def drain() -> int:
    """Reads all that is due now, once each; how many."""
    return asyncio.run(Lane().run(None))


class Lane:
    """One event loop with its connections, interpreters and database threads."""

    def __init__(self) -> None:
        self.read = 0
        self._tasks: set[asyncio.Task[None]] = set()
        # One thread each, so that each one's connection can be closed at the end.
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix="calendars") for _ in range(DATABASE_THREADS)]
        self._free: asyncio.Queue[ThreadPoolExecutor] = asyncio.Queue()

    async def run(self, stop: threading.Event | None) -> int:
        """Until `stop`, or without one until nothing more is due; how many were read."""
        self._fetcher = Fetcher(settings.CALENDAR_ALLOW_HOSTS, AT_ONCE)
        self._interpreters = Interpreters(INTERPRETERS)
        for thread in self._threads:
            self._free.put_nowait(thread)
        try:
            while not (stop and stop.is_set()):
                claimed = await self._claim()
                if not claimed and not self._tasks and stop is None:
                    break
                if not claimed or len(self._tasks) >= AT_ONCE:
                    await self._rest()
            return self.read
        finally:
            await self._end()

    async def _claim(self) -> int:
        room = min(AT_ONCE - len(self._tasks), CLAIMED)
        if room <= 0:
            return 0
        try:
            due = await self._in_database(lambda: readings.claim_due(room, clock.now()))
        except Error as error:
            log.warning("the database does not answer", error=str(error))
            return 0
        for one in due:
            task = asyncio.create_task(self._read(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(due)

    async def _rest(self) -> None:
        """Until one is done, or it is time to look again."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
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
            # Its lease brings it back.
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
            await self._in_database(write)
        except Error as error:
            log.warning("what a calendar holds could not be stored", error=str(error))

    async def _in_database(self, work: Callable[[], T]) -> T:
        thread = await self._free.get()
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, _with_connection, work)
        finally:
            self._free.put_nowait(thread)

    async def _end(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._interpreters.close()
        await self._fetcher.close()
        for thread in self._threads:
            thread.submit(connections.close_all)
            thread.shutdown(wait=True)


def _with_connection(work: Callable[[], T]) -> Any:
    close_old_connections()
    try:
        return work()
    except Error:
        connection.close()
        raise
