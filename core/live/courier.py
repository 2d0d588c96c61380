"""Sends publications to each process that has subscribers, and messages to all processes.

Every message is numbered, so that its receiver sees at the next one that it missed some. The group has a series of numbers,
and so has each single process. The beat names the latest number of each series, so that a receiver also notices within a
second that it missed the last message.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import uuid
from collections import Counter as Counting
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from channels.layers import get_channel_layer
from prometheus_client import Counter

log = logging.getLogger(__name__)

# The only group of the channel layer. Every server process is in it with its only channel.
GROUP = "hub"
# Seconds that a change of presence waits for others, to share a message with them.
SOON_S = 0.02
SEND_TIMEOUT_S = 2.0
RETRY_S = 0.5
# Bytes that may wait for a broker that does not answer. Beyond that the oldest publications are dropped; receivers then read
# the log instead.
MAX_OUTBOX = 4 << 20
MAX_MESSAGE = 256 << 10

DROPPED = Counter("hub_publications_dropped_total", "Publications that never left this process: the broker was down")
PUBLISHED = Counter("hub_messages_published_total", "Messages that this process gave to the broker", ["to"])

# A publication on its way between processes: its topic, frame, seq and since.
Item = tuple[str, bytes, int | None, float]
Message = dict[str, Any]


def nowhere(peer: str) -> str | None:
    """Returns the channel of an unknown process: None."""
    return None


class Outbox:
    """What waits for one receiver: publications and control messages."""

    __slots__ = ("controls", "items", "numbers")

    def __init__(self) -> None:
        self.items: deque[Item] = deque()
        self.controls: list[tuple[str, Any]] = []
        self.numbers = itertools.count(1)

    def take(self) -> tuple[list[Item], int, list[tuple[str, Any]]]:
        """Takes what fits into one message. Returns the items, the size of their frames in bytes, and the controls."""
        items, size = [], 0
        while self.items and size < MAX_MESSAGE:
            item = self.items.popleft()
            size += len(item[1])
            items.append(item)
        controls, self.controls = self.controls, []
        return items, size, controls


class Courier:
    """Sends over the channel layer, in order, one message at a time. A courier belongs to one event loop."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.loop = asyncio.get_running_loop()
        self.group = Outbox()
        self.direct: dict[str, Outbox] = {}
        # Bytes of all frames that wait, for all receivers together.
        self.size = 0
        # This process's own channel, which each message to the group names; None before it has one.
        self.channel: str | None = None
        self.channel_of: Callable[[str], str | None] = nowhere
        # Returns controls to add to a message just before it is sent, so that what changes often is sent once.
        self.gather: Callable[[], list[tuple[str, Any]]] = list
        # process → the latest number sent to it since the last beat.
        self.unreported: Counting[str] = Counting()
        self.sent = 0
        self.task: asyncio.Task[None] | None = None
        # Whether the gathered controls are sent even without another message.
        self.due = False
        self.timer: asyncio.TimerHandle | None = None

    # -- in --------------------------------------------------------------------------------------------------------

    def add(self, items: Iterable[Item]) -> None:
        """Queues publications for all processes, where this one does not know the subscribers. Call it on the event loop."""
        self._queue(self.group, items)

    def add_for(self, peer: str, items: Iterable[Item]) -> None:
        """Queues publications for one process. Call it on the event loop."""
        self._queue(self._outbox(peer), items)

    def add_control(self, kind: str, body: Any, peer: str | None = None) -> None:
        """Queues a control message to one process, or to all where `peer` is None. Call it on the event loop."""
        (self.group if peer is None else self._outbox(peer)).controls.append((kind, body))
        self.wake()

    def add_beat(self) -> None:
        """Queues a sign of life. It names the latest number that each process was sent since the last one."""
        numbers, self.unreported = dict(self.unreported), Counting()
        self.add_control("beat", numbers)

    def forget(self, peer: str) -> None:
        """Forgets a process that has ended."""
        if (outbox := self.direct.pop(peer, None)) is not None:
            self.size -= sum(len(item[1]) for item in outbox.items)
        self.unreported.pop(peer, None)

    def _outbox(self, peer: str) -> Outbox:
        outbox = self.direct.get(peer)
        if outbox is None:
            outbox = self.direct[peer] = Outbox()
        return outbox

    def _queue(self, outbox: Outbox, items: Iterable[Item]) -> None:
        for item in items:
            outbox.items.append(item)
            self.size += len(item[1])
        while self.size > MAX_OUTBOX:
            self._drop_oldest()
        self.wake()

    def _drop_oldest(self) -> None:
        fullest = max((self.group, *self.direct.values()), key=lambda outbox: len(outbox.items))
        self.size -= len(fullest.items.popleft()[1])
        DROPPED.inc()

    # -- when ------------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        self.due = True
        if self.task is None:
            self.task = self.loop.create_task(self.run())

    def wake_soon(self) -> None:
        """Sends the gathered controls with the next message, or alone after `SOON_S`: many changes share one message."""
        if self.timer is None:
            self.timer = self.loop.call_later(SOON_S, self.on_timer)

    def on_timer(self) -> None:
        self.timer = None
        self.wake()

    # -- out -------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Sends messages until nothing is due any more."""
        try:
            while (message := self.next_message()) is not None:
                await self.send(*message)
        finally:
            self.task = None

    def next_message(self) -> tuple[str | None, Message] | None:
        """Returns `(process, message)`, where the process is None for the group; None without a message.

        Messages to the group go first, so that a process knows of a subscription before it gets a push because of it.
        """
        if self.due:
            self.due = False
            self.group.controls += self.gather()
        if self.group.items or self.group.controls:
            return None, self._message(None, self.group)
        for peer, outbox in self.direct.items():
            if outbox.items or outbox.controls:
                return peer, self._message(peer, outbox)
        return None

    def _message(self, peer: str | None, outbox: Outbox) -> Message:
        items, size, controls = outbox.take()
        self.size -= size
        number = next(outbox.numbers)
        if peer is not None:
            self.unreported[peer] = number
        body = {"type": "hub", "from": self.id, "n": number, "to": peer, "items": items, "controls": controls}
        return body if peer is not None else body | {"channel": self.channel}

    async def send(self, peer: str | None, message: Message) -> None:
        """Sends one message; tries again while the broker is down and there is room for messages to wait."""
        while not await self.try_send(peer, message):
            if self.size > MAX_OUTBOX // 2:
                DROPPED.inc(len(message["items"]))
                return
            await asyncio.sleep(RETRY_S)

    async def try_send(self, peer: str | None, message: Message) -> bool:
        """Sends one message. Returns False where the broker did not take it.

        A message to a process without a known channel is dropped; that process will read the log.
        """
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                if peer is None:
                    await get_channel_layer().group_send(GROUP, message)
                    self.sent = message["n"]
                elif (channel := self.channel_of(peer)) is not None:
                    await get_channel_layer().send(channel, message)
        except Exception as error:
            log.debug("the broker took no message: %r", error)
            return False
        PUBLISHED.labels("group" if peer is None else "process").inc()
        return True
