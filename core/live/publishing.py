"""What was committed is published to the sockets of every process.

`publish` may be called in any thread of any process and never raises: the log in the database is the truth, and what is
published only wakes sockets up. A server process hands its publications to its event loop, which gives them to its own
sockets at once and tells the other processes with one message an event-loop turn. A process without sockets (a command,
a shell) sends from a thread of its own.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from channels.layers import get_channel_layer
from django.db import transaction
from prometheus_client import Counter

log = logging.getLogger(__name__)

# The one group of the channel layer; every server process is in it with its one channel.
GROUP = "hub"
# How long a change of presence waits for company.
SOON_S = 0.02
SEND_TIMEOUT_S = 2.0
RETRY_S = 0.5
# Waiting for a broker that does not answer; beyond it the oldest goes, and the others read the log instead.
MAX_OUTBOX = 4 << 20
MAX_MESSAGE = 256 << 10
EXIT_FLUSH_S = 3.0

DROPPED = Counter("hub_publications_dropped_total", "Publications that never left this process: the broker was down")


@dataclass(slots=True)
class Publication:
    """A frame for the sockets in `topic`.

    `frame` is JSON text, encoded once. `seq` is the entry's number in a negotiation's topic; in a user's topic the
    notification's id, or None for what may be lost. `since` is when the command behind it came in (Unix seconds), for
    the histogram of delivery times; 0 leaves it out.
    """

    topic: str
    frame: bytes
    seq: int | None = None
    since: float = 0.0


# A publication on its way between processes.
Item = tuple[str, bytes, int | None, float]


class Outlet(Protocol):
    """What takes publications in this process."""

    def post(self, publications: Sequence[Publication], control: tuple[str, Any] | None) -> None:
        """From any thread; never raises and never waits."""


def frame_of(body: Any) -> bytes:
    """The JSON text of a frame."""
    return orjson.dumps(body)


def publish(publications: Sequence[Publication]) -> None:
    """Gives `publications` to every socket in their topics, wherever it is. To be called after the commit."""
    if publications:
        outlet().post(publications, None)


def publish_on_commit(publications: Sequence[Publication]) -> None:
    """`publish` once the transaction under way is committed, at once outside of one."""
    transaction.on_commit(lambda: publish(publications))


def publish_control(kind: str, body: Any) -> None:
    """Tells every server process something that is not for sockets, e.g. ("credentials", {"users": [7]}).

    `body` holds only what msgpack takes. To be called after the commit; see `core.live.bus.Bus.on_control`.
    """
    outlet().post((), (kind, body))


class Courier:
    """Sends what is posted over the channel layer, in order, one message at a time; lives on one event loop.

    Messages are numbered from 1, so that a receiver sees from the next one that it missed some.
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.loop = asyncio.get_running_loop()
        self.outbox: deque[Item] = deque()
        self.size = 0
        self.controls: list[tuple[str, Any]] = []
        # Asked for more when a message goes out, so that what changes often travels once.
        self.gather: Callable[[], list[tuple[str, Any]]] = list
        self.numbers = itertools.count(1)
        self.sent = 0
        self.task: asyncio.Task[None] | None = None
        # Whether what is gathered goes out even if nothing else does.
        self.due = False
        self.timer: asyncio.TimerHandle | None = None

    def add(self, publications: Iterable[Publication]) -> None:
        """On the loop: to be sent with everything else of this turn."""
        for p in publications:
            self.outbox.append((p.topic, p.frame, p.seq, p.since))
            self.size += len(p.frame)
        while self.size > MAX_OUTBOX:
            self.size -= len(self.outbox.popleft()[1])
            DROPPED.inc()
        self.wake()

    def add_control(self, kind: str, body: Any) -> None:
        """On the loop: a message between processes."""
        self.controls.append((kind, body))
        self.wake()

    def wake(self) -> None:
        self.due = True
        if self.task is None:
            self.task = self.loop.create_task(self.run())

    def wake_soon(self) -> None:
        """Lets what is gathered go with the next message, or by itself in `SOON_S`: many who come at once are one."""
        if self.timer is None:
            self.timer = self.loop.call_later(SOON_S, self.on_timer)

    def on_timer(self) -> None:
        self.timer = None
        self.wake()

    async def run(self) -> None:
        """Sends until nothing is left that is due."""
        try:
            while (message := self.next_message()) is not None:
                await self.send(message)
        finally:
            self.task = None

    def next_message(self) -> dict[str, Any] | None:
        if not (self.due or self.outbox or self.controls):
            return None
        self.due, items, size = False, [], 0
        while self.outbox and size < MAX_MESSAGE:
            item = self.outbox.popleft()
            size += len(item[1])
            items.append(item)
        self.size -= size
        controls, self.controls = self.controls + self.gather(), []
        if not items and not controls:
            return None
        return {"type": "hub", "from": self.id, "n": next(self.numbers), "items": items, "controls": controls}

    async def send(self, message: dict[str, Any]) -> None:
        """One message, tried again while the broker is down and there is room to wait."""
        while not await self.try_send(message):
            if self.size > MAX_OUTBOX // 2:
                DROPPED.inc(len(message["items"]))
                return
            await asyncio.sleep(RETRY_S)

    async def try_send(self, message: dict[str, Any]) -> bool:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await get_channel_layer().group_send(GROUP, message)
        except Exception as error:
            log.debug("the broker took no message: %r", error)
            return False
        self.sent = message["n"]
        return True


class Sender:
    """The outlet of a process without sockets: a thread with a loop and a courier."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        threading.Thread(target=self.work, name="publisher", daemon=True).start()
        self.ready.wait(EXIT_FLUSH_S)

    def work(self) -> None:
        asyncio.run(self.serve())

    async def serve(self) -> None:
        self.courier, self.stopped = Courier(), asyncio.Event()
        self.ready.set()
        await self.stopped.wait()
        await get_channel_layer().flush()

    def post(self, publications: Sequence[Publication], control: tuple[str, Any] | None) -> None:
        try:
            self.courier.loop.call_soon_threadsafe(self.accept, publications, control)
        except RuntimeError:
            log.warning("nothing is published any more: the process ends")

    def accept(self, publications: Sequence[Publication], control: tuple[str, Any] | None) -> None:
        self.courier.add(publications)
        if control is not None:
            self.courier.add_control(*control)

    def stop(self) -> None:
        """At exit: what waits gets a last, bounded chance."""
        future = asyncio.run_coroutine_threadsafe(self.drain(), self.courier.loop)
        try:
            future.result(EXIT_FLUSH_S + 1)
        except Exception as error:
            log.debug("not everything was published: %r", error)

    async def drain(self) -> None:
        self.courier.add_control("bye", None)
        if task := self.courier.task:
            await asyncio.wait([task], timeout=EXIT_FLUSH_S)
            task.cancel()
        self.stopped.set()


_lock = threading.Lock()
_outlet: Outlet | None = None
_sender: Sender | None = None


def outlet() -> Outlet:
    """Where this process's publications go: its event loop's, else a thread started on first use."""
    return _outlet or sender()


def sender() -> Sender:
    """The background sender, started once."""
    global _sender
    with _lock:
        if _sender is None:
            _sender = Sender()
            atexit.register(_sender.stop)
        return _sender


def attach(new: Outlet | None) -> None:
    """Makes `new` the process's outlet; None gives publications to the background sender again."""
    global _outlet
    _outlet = new
