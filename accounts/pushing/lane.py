"""The lane beside the clock in which pushes are sent: many at once, each bounded, none in a request.

A push service that hangs holds its own few places for ten seconds each, and no other's. Any number of lanes, in any
number of processes, share what is due. Where one dies, another sends what it had not begun; what it had begun is given up.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from datetime import datetime

import structlog
from django.conf import settings
from django.db import Error

from accounts.pushing.encoding import Push
from accounts.pushing.sending import Answer, Sender, Sent
from accounts.services import push_deliveries as deliveries
from core import clock
from core.outbound.lane import LOOK_S, OutboundLane

log = structlog.get_logger(__name__)

AT_ONCE, AT_ONCE_A_HOST = 100, 20
# A server without a key has nothing to do.
IDLE_S = 60.0


def serve(stop: threading.Event) -> None:
    """Sends what is due until `stop` is set."""
    if not deliveries.is_offered():
        stop.wait(IDLE_S)
        return
    asyncio.run(Lane().run(stop))


def drain() -> int:
    """Sends all that is due now, once. Returns how many a push service took."""
    lane = Lane()
    if deliveries.is_offered():
        asyncio.run(lane.run(None))
    return lane.sent


class Lane(OutboundLane):
    """Pushes, each from its claim to its outcome. One database thread: a look and an outcome are short."""

    def __init__(self) -> None:
        super().__init__("pushes", database_threads=1)
        self.sent = 0
        self._under_way: Counter[str] = Counter()
        self._since: datetime = clock.now() - deliveries.LOOK_BACK

    def open(self) -> None:
        self._sender = Sender(settings.PUSH_ALLOW_HOSTS, AT_ONCE)

    async def close(self) -> None:
        await self._sender.close()

    async def look(self) -> int:
        """Collects, claims and begins. Returns how many were begun."""
        pushes = await self.in_database(self._claim)
        for push in pushes:
            self._under_way[push.host] += 1
            self.begin(self._deliver(push))
        return len(pushes)

    def _claim(self) -> list[Push]:
        now = clock.now()
        deliveries.collect(now, self._since - deliveries.COMMITTED_WITHIN)
        self._since = now
        return deliveries.claim_due(
            now, room=AT_ONCE - len(self.tasks), room_of=dict(self._under_way), room_a_host=AT_ONCE_A_HOST
        )

    async def rest(self, begun: int, *, drains: bool) -> None:
        """Until it is time to look again; a lane that only drains until something is done."""
        if self.tasks and drains:
            await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
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
            await self.in_database(lambda: deliveries.settle(push, sent, clock.now()))
        except Error as error:
            # Nothing more to do: the delivery's lease runs out.
            log.warning("what came of a push could not be stored", error=str(error))
