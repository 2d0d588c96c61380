"""The lane beside the clock in which pushes are sent: many at once, each bounded, none in a request.

A push service that hangs holds its own few places for ten seconds each, and no other's. Any number of lanes, in any
number of processes, share what is due; what one that died had begun is let go, the rest is sent by another.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connection, connections

from accounts.pushing.encoding import Push
from accounts.pushing.sending import Answer, Sender, Sent
from accounts.services import push_deliveries as deliveries
from core import clock

log = structlog.get_logger(__name__)
T = TypeVar("T")

AT_ONCE, AT_ONCE_A_HOST = 100, 20
# What happened waits so long at most for the lane to look.
LOOK_S = 1.0
# What is under way when the lane is told to stop has so long to end.
LAST_S = 2.0
# A server without a key has nothing to do.
IDLE_S = 60.0


def serve(stop: threading.Event) -> None:
    """Sends what is due until `stop` is set."""
    if not deliveries.is_offered():
        stop.wait(IDLE_S)
        return
    asyncio.run(Lane().run(stop))


def drain() -> int:
    """Sends all that is due now, once; how many."""
    return asyncio.run(Lane().run(None)) if deliveries.is_offered() else 0


class Lane:
    """One event loop with its connections and its database thread."""

    def __init__(self) -> None:
        self.sent = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[str] = Counter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pushes")
        self._since: datetime = clock.now() - deliveries.LOOK_BACK

    async def run(self, stop: threading.Event | None) -> int:
        """Until `stop`, or without one until nothing more is due; how many were taken."""
        self._sender = Sender(settings.PUSH_ALLOW_HOSTS, AT_ONCE)
        try:
            while not (stop and stop.is_set()):
                claimed = await self._look()
                if not claimed and not self._tasks and stop is None:
                    break
                await self._rest(stop is None)
            return self.sent
        finally:
            await self._end()

    async def _look(self) -> int:
        """Collects, claims and starts; how many were started."""
        try:
            pushes = await self._in_database(self._claim)
        except Error as error:
            log.warning("the database does not answer", error=str(error))
            return 0
        for push in pushes:
            self._under_way[push.host] += 1
            task = asyncio.create_task(self._deliver(push))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(pushes)

    def _claim(self) -> list[Push]:
        now = clock.now()
        deliveries.collect(now, self._since - deliveries.COMMITTED_WITHIN)
        self._since = now
        return deliveries.claim_due(
            now, room=AT_ONCE - len(self._tasks), room_of=dict(self._under_way), room_a_host=AT_ONCE_A_HOST
        )

    async def _rest(self, drains: bool) -> None:
        """Until it is time to look again; a lane that only drains until something is done."""
        if self._tasks and drains:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        elif not drains:
            await asyncio.sleep(LOOK_S)

    async def _deliver(self, push: Push) -> None:
        """One message, from its claim to its outcome. Whatever happens, the lane goes on."""
        try:
            sent = await self._sender.send(push)
        except Exception:
            log.exception("a push could not be sent", host=push.host)
            sent = Sent(Answer.DOUBTFUL, "a fault of ours")
        finally:
            self._under_way[push.host] -= 1
        self.sent += sent.answer is Answer.TAKEN
        try:
            await self._in_database(lambda: deliveries.settle(push, sent, clock.now()))
        except Error as error:
            # Its lease lets it go.
            log.warning("what came of a push could not be stored", error=str(error))

    async def _in_database(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _with_connection, work)

    async def _end(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sender.close()
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)


def _with_connection(work: Callable[[], T]) -> Any:
    close_old_connections()
    try:
        return work()
    except Error:
        connection.close()
        raise
