"""A lane beside the clock: one event loop that works with many other sites at once, and stores the results."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog
from django.db import Error, close_old_connections, connection, connections

log = structlog.get_logger(__name__)
T = TypeVar("T")

# New work waits at most so long until the lane looks.
LOOK_S = 1.0
# Running work has so long to end when the lane is told to stop.
LAST_S = 2.0


class OutboundLane:
    """Claims work and does it in tasks. A subclass says how: `open`, `look`, `rest` and `close`.

    Django's connections belong to threads, so each of `database_threads` is a thread of its own, whose connection is closed
    at the end.
    """

    def __init__(self, name: str, *, database_threads: int) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix=name) for _ in range(database_threads)]
        self._free: asyncio.Queue[ThreadPoolExecutor] = asyncio.Queue()

    def open(self) -> None:
        """Opens what belongs to the event loop, before the first look."""
        raise NotImplementedError

    async def look(self) -> int:
        """Claims what is due and begins it. Returns how many. A database error ends the look, not the lane."""
        raise NotImplementedError

    async def rest(self, begun: int, *, drains: bool) -> None:
        """Waits until it is worth looking again; `begun` is what the last look began."""
        raise NotImplementedError

    async def close(self) -> None:
        """Closes what `open` opened, after the last task."""
        raise NotImplementedError

    async def run(self, stop: threading.Event | None) -> None:
        """Works until `stop` is set; without one, until nothing more is due."""
        for thread in self._threads:
            self._free.put_nowait(thread)
        self.open()
        try:
            while not (stop and stop.is_set()):
                try:
                    begun = await self.look()
                except Error as error:
                    log.warning("the database does not answer", error=str(error))
                    begun = 0
                if not begun and not self.tasks and stop is None:
                    break
                await self.rest(begun, drains=stop is None)
        finally:
            await self._end()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Does a piece of work in a task of its own."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def in_database(self, work: Callable[[], T]) -> T:
        """Runs `work` in one of the database threads, as soon as one is free. Raises what it raises."""
        thread = await self._free.get()
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, _with_connection, work)
        finally:
            self._free.put_nowait(thread)

    async def _end(self) -> None:
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=LAST_S)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.close()
        for thread in self._threads:
            thread.submit(connections.close_all)
            thread.shutdown(wait=True)


def _with_connection(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    except Error:
        # It may be broken; the next work connects again.
        connection.close()
        raise
