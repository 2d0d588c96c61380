"""Lets calls of the event loop share a round trip to the database.

A call never waits for others to join it: with one caller a batch is one call. Under load a batch holds all calls that came
during the trip before.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from core.database.threads import WAIT_S
from core.eager import begin
from core.errors import Code, DomainError

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Place(Generic[Item, Result]):
    """A call in the queue or in a batch; its ground is set when it leaves the queue."""

    __slots__ = ("future", "ground", "item")

    def __init__(self, item: Item, future: asyncio.Future[Result]) -> None:
        self.item, self.future = item, future
        self.ground: Hashable = None


class Gatherer(Generic[Item, Result]):
    """Runs `work(items)` for up to `most` calls at a time, with up to `lanes` batches side by side.

    `work` returns a result for each item, in their order. A gatherer belongs to one event loop.

    With `ground`, which says what an item has to wait for, no two batches run items of the same ground, and a call that finds
    a free lane gets a batch of its own, even if others come in the same moment: its result is out before theirs are run. Items
    whose ground is None wait for none.

    With `pace_s`, a batch begins so many seconds after the one before it began, or later: a call that comes alone still waits for
    nothing, and a storm of calls makes few large batches.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Result]]],
        *,
        most: int,
        lanes: int,
        ground: Callable[[Item], Hashable] | None = None,
        pace_s: float = 0.0,
    ) -> None:
        self.work, self.most, self.free, self.ground, self.pace_s = work, most, lanes, ground, pace_s
        # When the next batch may begin, on the loop's clock, and the timer for that moment.
        self.next_at = 0.0
        self.timer: asyncio.TimerHandle | None = None
        # The grounds of the running batches.
        self.taken: set[Hashable] = set()
        self.waiting: deque[Place[Item, Result]] = deque()
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
        place = Place(item, future)
        self.waiting.append(place)
        timer = loop.call_later(WAIT_S, self._give_up, place)
        self._start()
        try:
            return await future
        finally:
            timer.cancel()

    def _give_up(self, place: Place[Item, Result]) -> None:
        """Ends the wait of a call whose time is over; one that is in no batch yet leaves the queue."""
        in_a_batch = place not in self.waiting
        if not in_a_batch:
            self.waiting.remove(place)
        if not place.future.done():
            place.future.set_exception(DomainError(Code.COMMAND_OUTCOME_UNKNOWN if in_a_batch else Code.UNAVAILABLE))

    def _start(self) -> None:
        while self.free and self.waiting and self._may_begin():
            # Without grounds the batch is made when the task runs, of all that came in this turn.
            first = self._next(most=1) if self.ground else []
            if self.ground and not first:
                return
            self.free -= 1
            work = self._lane(first)
            # A batch of its own asks the database now, not behind all else that waits for a turn of the loop.
            task = begin(work) if first else asyncio.get_running_loop().create_task(work)
            if task is not None:
                self.running.add(task)
                task.add_done_callback(self.running.discard)

    def _may_begin(self) -> bool:
        """Whether a batch may begin now. Where it is too early, one begins later by itself."""
        if not self.pace_s:
            return True
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now < self.next_at:
            if self.timer is None:
                self.timer = loop.call_at(self.next_at, self._start_again)
            return False
        self.next_at = now + self.pace_s
        return True

    def _start_again(self) -> None:
        self.timer = None
        self._start()

    def _next(self, *, most: int) -> list[Place[Item, Result]]:
        """Takes the next calls out of the queue, except those that would wait for a running batch."""
        batch: list[Place[Item, Result]] = []
        left: list[Place[Item, Result]] = []
        while self.waiting and len(batch) < most:
            place = self.waiting.popleft()
            place.ground = self.ground(place.item) if self.ground else None
            (left if place.ground in self.taken else batch).append(place)
        self.waiting.extendleft(reversed(left))
        self.taken.update(place.ground for place in batch if place.ground is not None)
        return batch

    async def _lane(self, batch: list[Place[Item, Result]]) -> None:
        try:
            batch = batch or self._next(most=self.most)
            while batch:
                await self._trip(batch)
                batch = self._next(most=self.most) if self.waiting and self._may_begin() else []
        finally:
            self.free += 1

    async def _trip(self, batch: Sequence[Place[Item, Result]]) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.under_way.add(over)
        try:
            await self._run(batch)
        finally:
            self.taken.difference_update(place.ground for place in batch)
            self.under_way.discard(over)
            over.set_result(None)

    async def _run(self, batch: Sequence[Place[Item, Result]]) -> None:
        try:
            results = await self.work([place.item for place in batch])
        except BaseException as error:
            reason = error if isinstance(error, DomainError) else DomainError(Code.COMMAND_OUTCOME_UNKNOWN)
            for place in batch:
                if not place.future.done():
                    place.future.set_exception(reason)
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, DomainError):
                log.exception("a batch failed")
            return
        for place, result in zip(batch, results, strict=True):
            if not place.future.done():
                place.future.set_result(result)
