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


class Batch(Generic[Item, Result]):
    """Calls that run together."""

    __slots__ = ("over", "places")

    def __init__(self, places: list[Place[Item, Result]]) -> None:
        self.places = places
        # Done when all results are handed out; None where nothing waits for that.
        self.over: asyncio.Future[None] | None = None

    def hand_out(self, results: Sequence[Result]) -> None:
        for place, result in zip(self.places, results, strict=True):
            if not place.future.done():
                place.future.set_result(result)

    def fail(self, error: Exception) -> None:
        for place in self.places:
            if not place.future.done():
                place.future.set_exception(error)

    def end(self) -> None:
        if self.over is not None:
            self.over.set_result(None)


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
        self.loop = asyncio.get_running_loop()
        # When the next batch may begin, on the loop's clock, and the timer for that moment.
        self.next_at = 0.0
        self.timer: asyncio.TimerHandle | None = None
        # The grounds of the running batches.
        self.taken: set[Hashable] = set()
        self.waiting: deque[Place[Item, Result]] = deque()
        # The number of lanes whose task has not run yet: each of them will take `most` calls out of the queue.
        self.starting = 0
        self.running: set[asyncio.Task[None]] = set()
        self.batches: set[Batch[Item, Result]] = set()
        # call without a result → when its wait is over, in that order; and the timer for the first of these moments. One timer
        # for all costs less than one for each.
        self.waits: dict[Place[Item, Result], float] = {}
        self.wait_timer: asyncio.TimerHandle | None = None

    @property
    def under_way(self) -> list[asyncio.Future[None]]:
        """A future for each running batch; it is done when the batch has handed out its results."""
        for batch in self.batches:
            batch.over = batch.over or self.loop.create_future()
        return [batch.over for batch in self.batches if batch.over is not None]

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Returns a future that has the result for `item` within `WAIT_S` seconds, or DomainError.

        The error is the same for every call of the batch: `unavailable` where nothing was done, `command.outcome_unknown` where
        that is unknown.
        """
        future: asyncio.Future[Result] = self.loop.create_future()
        place = Place(item, future)
        self.waiting.append(place)
        self.waits[place] = until = self.loop.time() + WAIT_S
        if self.wait_timer is None:
            self.wait_timer = self.loop.call_at(until, self._end_waits)
        self._start()
        return future

    def _end_waits(self) -> None:
        """Ends each wait whose time is over, and looks again when the next one's is."""
        self.wait_timer = None
        now = self.loop.time()
        for place, until in tuple(self.waits.items()):
            if until > now:
                self.wait_timer = self.loop.call_at(until, self._end_waits)
                return
            del self.waits[place]
            self._give_up(place)

    def _give_up(self, place: Place[Item, Result]) -> None:
        """Ends the wait of a call whose time is over; one that is in no batch yet leaves the queue."""
        in_a_batch = place not in self.waiting
        if not in_a_batch:
            self.waiting.remove(place)
        if not place.future.done():
            place.future.set_exception(DomainError(Code.COMMAND_OUTCOME_UNKNOWN if in_a_batch else Code.UNAVAILABLE))

    def _start(self) -> None:
        """Starts lanes, while there are free ones and calls for them."""
        while self.free and len(self.waiting) > self.starting * self.most and self._may_begin():
            # Without grounds the batch is made when the task runs, of all that came in this turn.
            first = self._next(most=1) if self.ground else []
            if self.ground and not first:
                return
            self.free -= 1
            if first:  # it asks the database now, not behind all else that waits for a turn of the loop
                task = begin(self._lane(first))
            else:
                self.starting += 1
                task = self.loop.create_task(self._lane([]))
            if task is not None:
                self.running.add(task)
                task.add_done_callback(self.running.discard)

    def _may_begin(self) -> bool:
        """Whether a batch may begin now. Where it is too early, one begins later by itself."""
        if not self.pace_s:
            return True
        now = self.loop.time()
        if now < self.next_at:
            if self.timer is None:
                self.timer = self.loop.call_at(self.next_at, self._start_again)
            return False
        self.next_at = now + self.pace_s
        return True

    def _start_again(self) -> None:
        self.timer = None
        self._start()

    def _next(self, *, most: int) -> list[Place[Item, Result]]:
        """Takes the next calls out of the queue, except those that would wait for a running batch."""
        if self.ground is None:
            return [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
        batch: list[Place[Item, Result]] = []
        left: list[Place[Item, Result]] = []
        while self.waiting and len(batch) < most:
            place = self.waiting.popleft()
            place.ground = self.ground(place.item)
            (left if place.ground in self.taken else batch).append(place)
        self.waiting.extendleft(reversed(left))
        self.taken.update(place.ground for place in batch if place.ground is not None)
        return batch

    async def _lane(self, places: list[Place[Item, Result]]) -> None:
        try:
            if not places:
                self.starting -= 1
                places = self._next(most=self.most)
            while places:
                await self._run(Batch(places))
                places = self._next(most=self.most) if self.waiting and self._may_begin() else []
        finally:
            self.free += 1

    async def _run(self, batch: Batch[Item, Result]) -> None:
        self.batches.add(batch)
        try:
            batch.hand_out(await self.work([place.item for place in batch.places]))
        except DomainError as error:
            batch.fail(error)
        except Exception:
            batch.fail(DomainError(Code.COMMAND_OUTCOME_UNKNOWN))
            log.exception("a batch failed")
        except BaseException:
            batch.fail(DomainError(Code.COMMAND_OUTCOME_UNKNOWN))
            raise
        finally:
            self._forget(batch)

    def _forget(self, batch: Batch[Item, Result]) -> None:
        for place in batch.places:
            self.waits.pop(place, None)
            if place.ground is not None:
                self.taken.discard(place.ground)
        self.batches.discard(batch)
        batch.end()
