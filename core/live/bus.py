"""The bus connects a server process to the others: each has a channel of its own, and all have joined one group.

Topics have no groups in the broker, so joining a topic is a look-up in this process's own table: it can't race a
subscription in the broker, nor fail with it, and there is one membership to keep alive for any number of sockets. Presence
says which processes have subscribers of a topic; only those get what is published on it.

The channel layer does not report a lost connection, so the bus watches itself: it gets its own messages back, and all
messages are numbered. A skipped number or a silence means that messages were missed, and then the log is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from channels.layers import get_channel_layer
from prometheus_client import Gauge

from core import clock
from core.lean_metrics import LeanHistogram
from core.live.courier import GROUP, Courier, Item
from core.live.publishing import Publication
from core.live.recent import Recent
from core.server.lifespan import end
from core.server.logs import Line

log = structlog.get_logger(__name__)

BEAT_S = 1.0
# Seconds without this process's own beat coming back, after which the messages of that time count as lost.
DEAF_S = 3.0
# Seconds after which the bus gives up its subscription and makes a new one.
REJOIN_S = 9.0
JOIN_TIMEOUT_S = 5.0
LONGEST_BACKOFF_S = 5.0
# From so many publications at once on, other processes and the log come after this process's sockets.
MANY = 16

UP = Gauge("hub_bus_up", "1 while messages of this process come back to it through the broker")
DELIVERY = LeanHistogram(
    "hub_delivery_seconds",
    "From a command's arrival to its entry's hand-over to the sockets of a process",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

Handler = Callable[[str, Any], None]


class Bus:
    """Takes publications from any thread, and gives them to this process's sockets and to the other processes."""

    def __init__(self, deliver: Callable[[str, bytes, int | None], bool]) -> None:
        self.deliver = deliver
        self.loop = asyncio.get_running_loop()
        self.thread = threading.get_ident()
        self.courier = Courier()
        self.courier.channel_of = self.channel_of
        self.recent = Recent()
        # Returns the other processes that have subscribers of a topic.
        self.peers_of: Callable[[str], Iterable[str]] = lambda topic: ()
        # kind of a control message → its handler, which gets (sender, body).
        self.on_control: dict[str, Handler] = {}
        # Called with a sender's id when messages from it were missed, and with None when any messages may have been.
        self.on_loss: Callable[[str | None], None] = lambda sender: None
        # Called with a sender's id for each message from it.
        self.on_life: Callable[[str], None] = lambda sender: None
        # For each process: its channel, the last number it sent to the group, and the last it sent to this process.
        self.channels: dict[str, str] = {}
        self.last_numbers: dict[str, int] = {}
        self.last_direct: dict[str, int] = {}
        # Called with publications that were made outside this event loop: in a thread, or by another process.
        self.on_news: Callable[[Iterable[Item]], None] = lambda items: None
        self.returned_at = time.monotonic()
        self.joined_at = 0.0
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def id(self) -> str:
        return self.courier.id

    @property
    def deaf(self) -> bool:
        return time.monotonic() - self.returned_at > DEAF_S

    # -- out -------------------------------------------------------------------------------------------------------

    def post(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        """Implements `core.live.publishing.Outlet.post`; it may be called in any thread."""
        if threading.get_ident() == self.thread:
            # This runs in the same turn of the loop as the command's reply, so that a socket gets both in one write.
            self.loop.call_soon(self.accept, publications, control, line)
            return
        try:
            self.loop.call_soon_threadsafe(self.accept_news, publications, control, line)
        except RuntimeError:
            log.warning("nothing is published any more: the process ends")
            if line is not None:
                line.write()

    def accept_news(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        self.on_news([publication.item for publication in publications])
        self.accept(publications, control, line)

    def accept(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        items = [publication.item for publication in publications]
        pushed = self.deliver_all(items)
        if len(items) < MANY:
            self.hand_on(items, control, line, pushed)
        else:  # the sockets' frames are written at the end of this turn: first these, then the rest
            self.loop.call_soon(self.hand_on, items, control, line, pushed)

    def hand_on(
        self,
        items: Sequence[Item],
        control: tuple[str, Any] | None,
        line: Line | None,
        pushed: list[str],
    ) -> None:
        """Logs what the sockets here were given, and sends it to the other processes."""
        if line is not None:
            line.write(pushed=pushed)
        elif pushed:
            Line(__name__, "pushed", pushed=pushed).write()
        self.publish(items)
        if control is not None:
            self.courier.add_control(*control)
            self.handle(self.id, *control)

    def publish(self, items: Sequence[Item]) -> None:
        """Sends publications to the processes that have subscribers."""
        self.recent.keep(items, time.monotonic())
        for item in items:
            for peer in self.peers_of(item[0]):
                self.courier.add_for(peer, (item,))

    def send_recent(self, peer: str, topics: Iterable[str]) -> None:
        """Sends a process what was published on topics before this process knew that it had subscribers."""
        now = time.monotonic()
        if items := self.recent.of(topics, now):
            self.courier.add_for(peer, items)
        if not self.recent.is_complete(now):
            self.courier.add_control("reread", None, peer)

    def deliver_all(self, items: Iterable[Item]) -> list[str]:
        """Delivers to this process's sockets. Returns `topic#seq` of each numbered frame that reached one, for the log."""
        pushed, came = [], []
        for topic, frame, seq, since in items:
            try:
                reached = self.deliver(topic, frame, seq)
            except Exception:
                log.exception("a publication could not be delivered", topic=topic)
                continue
            if reached and seq:
                pushed.append(f"{topic}#{seq}")
            if reached and since:
                came.append(since)
        now = clock.unix()
        for since in came:
            DELIVERY.observe(max(0.0, now - since))
        return pushed

    # -- in --------------------------------------------------------------------------------------------------------

    def receive(self, message: dict[str, Any]) -> None:
        """Handles a message to the group, also this process's own, or a message to this process alone."""
        sender, direct = message["from"], message["to"] is not None
        if not self.is_next(self.last_direct if direct else self.last_numbers, sender, message["n"]):
            return
        if not direct and message["channel"] is not None:
            self.channels[sender] = message["channel"]
        if sender == self.id:
            self.receive_own()
            return
        self.on_life(sender)
        self.on_news(message["items"])
        if pushed := self.deliver_all(message["items"]):
            Line(__name__, "pushed", pushed=pushed).write()
        for kind, body in message["controls"]:
            self.handle(sender, kind, body)

    def is_next(self, numbers: dict[str, int], sender: str, number: int) -> bool:
        """Returns False for a message that has come already. Reports a loss where a number was skipped."""
        last = numbers.get(sender)
        if last is not None and number <= last:
            return False
        numbers[sender] = number
        if last is not None and number > last + 1:
            log.warning("missed %d messages of %s", number - last - 1, sender)
            self.lose(sender)
        return True

    def receive_own(self) -> None:
        was_deaf, self.returned_at = self.deaf, time.monotonic()
        UP.set(1)
        if was_deaf:
            log.warning("receiving from the other processes again")
            self.lose(None)

    def lose(self, sender: str | None) -> None:
        self.on_loss(sender if sender != self.id else None)

    def handle(self, sender: str, kind: str, body: Any) -> None:
        handler = self.on_control.get(kind)
        if handler is None:
            return
        try:
            handler(sender, body)
        except Exception:
            log.exception("a control message %s could not be handled", kind)

    def forget(self, sender: str) -> None:
        """Forgets a process that has ended."""
        for known in (self.channels, self.last_numbers, self.last_direct):
            known.pop(sender, None)
        self.courier.forget(sender)

    def channel_of(self, peer: str) -> str | None:
        return self.channels.get(peer)

    def check_direct(self, sender: str, number: int | None) -> None:
        """Compares the last number from `sender` with `number`, the latest that its beat says it sent here.

        A smaller number here means that messages were lost.
        """
        if number is not None and self.last_direct.get(sender, 0) < number:
            self.last_direct[sender] = number
            log.warning("missed messages to this process of %s", sender)
            self.lose(sender)

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Joins the group in the background, so that the start does not wait for a missing broker."""
        # The channel layer logs a traceback every second during a failure; the bus logs once what the failure means.
        logging.getLogger("channels_redis.pubsub").setLevel(logging.CRITICAL)
        self.tasks = [self.loop.create_task(self.listen()), self.loop.create_task(self.beat())]

    async def stop(self) -> None:
        """Sends what still waits, as far as that is possible in a second, and leaves the group."""
        if self.courier.task is not None:
            await asyncio.wait([self.courier.task], timeout=1.0)
        await end([*self.tasks, *filter(None, [self.courier.task])])
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1.0):
                await get_channel_layer().flush()

    async def beat(self) -> None:
        """Sends a sign of life every second, which also comes back here. A bus that is deaf for too long joins again."""
        while True:
            if self.courier.task is None:
                self.courier.add_beat()
            await asyncio.sleep(BEAT_S)
            if self.deaf:
                UP.set(0)
            if min(time.monotonic() - self.returned_at, time.monotonic() - self.joined_at) > REJOIN_S:
                await end(self.tasks[:1])
                self.joined_at = time.monotonic()
                self.tasks[0] = self.loop.create_task(self.listen())

    async def listen(self) -> None:
        backoff = 0.25
        while True:
            try:
                channel = await self.join()
                backoff = 0.25
                while True:
                    self.receive(await get_channel_layer().receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("not in the group of the server processes: %r", error)
            await asyncio.sleep(backoff)
            backoff = min(LONGEST_BACKOFF_S, backoff * 2)

    async def join(self) -> str:
        """Makes this process's only subscription. Returns the name of its channel."""
        layer = get_channel_layer()
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            with contextlib.suppress(Exception):
                await layer.flush()
            channel: str = await layer.new_channel()
            await layer.group_add(GROUP, channel)
        self.joined_at = time.monotonic()
        self.courier.channel = channel
        return channel
