"""Lets calls of the event loop share a round trip to the database.

A call never waits for others to join it: with one caller a batch is one call. Under load a batch holds all calls that came
during the trip before.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from core.database.threads import WAIT_S
from core.errors import Code, DomainError

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Gatherer(Generic[Item, Result]):
    """Runs `work(items)` for up to `most` calls at a time, with up to `lanes` batches side by side.

    `work` returns a result for each item, in their order. A gatherer belongs to one event loop.

    With `first_alone`, a call that finds a free lane gets a batch of its own, even if others come in the same moment. Its
    result is out before the others are run.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Result]]],
        *,
        most: int,
        lanes: int,
        first_alone: bool = False,
    ) -> None:
        self.work, self.most, self.free, self.first_alone = work, most, lanes, first_alone
        self.waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self.running: set[asyncio.Task[None]] = set()
        # One future for each running batch; it is done when the batch has handed out its results.
        self.under_way: set[asyncio.Future[None]] = set()

    async def submit(self, item: Item) -> Result:
        """Returns the result for `item` within `WAIT_S` seconds.

        Raises DomainError, the same one for every call of the batch: `unavailable` where nothing was done,
        `command.outcome_unknown` where that is unknown.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        place = (item, future)
        self.waiting.append(place)
        timer = loop.call_later(WAIT_S, self._give_up, place)
        self._start()
        try:
            return await future
        finally:
            timer.cancel()

    def _give_up(self, place: tuple[Item, asyncio.Future[Result]]) -> None:
        """Ends the wait of a call whose time is over; one that is in no batch yet leaves the queue."""
        in_a_batch = place not in self.waiting
        if not in_a_batch:
            self.waiting.remove(place)
        if not place[1].done():
            place[1].set_exception(DomainError(Code.COMMAND_OUTCOME_UNKNOWN if in_a_batch else Code.UNAVAILABLE))

    def _start(self) -> None:
        while self.free and self.waiting:
            self.free -= 1
            batch = [self.waiting.popleft()] if self.first_alone else []
            task = asyncio.get_running_loop().create_task(self._lane(batch))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _lane(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            while batch or self.waiting:
                await self._trip(batch or [self.waiting.popleft() for _ in range(min(self.most, len(self.waiting)))])
                batch = []
        finally:
            self.free += 1

    async def _trip(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.under_way.add(over)
        try:
            await self._run(batch)
        finally:
            self.under_way.discard(over)
            over.set_result(None)

    async def _run(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self.work([item for item, _ in batch])
        except BaseException as error:
            reason = error if isinstance(error, DomainError) else DomainError(Code.COMMAND_OUTCOME_UNKNOWN)
            for _, future in batch:
                if not future.done():
                    future.set_exception(reason)
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, DomainError):
                log.exception("a batch failed")
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
