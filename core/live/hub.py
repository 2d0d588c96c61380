"""The hub of a server process: its sockets and their topics, its connection to the other processes, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from core import clock
from core.api.rate_limits import Buckets, allowance
from core.live import presence, publishing
from core.live.bus import Bus
from core.live.lease import LEASE_RENEW_S, renew_leases
from core.live.presence import Presence
from core.live.socket import OPEN_SOCKETS, RESTARTING, Socket
from core.live.topic_table import TopicTable
from core.server import lifespan

log = logging.getLogger(__name__)

COMPARE_S = 10.0
COUNT_OUT_S = 1.0
# Seconds that running commands have left after the last socket was told to close.
LAST_COMMANDS_S = 5.0

Work = Callable[[], Awaitable[None]]


class Hub:
    """The hub. Each server process has one, which is made on its event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.topics = TopicTable()
        self.bus = Bus(self.topics.deliver)
        self.presence = Presence(self.publish_presence, self.bus.courier.wake_soon, self.bus.courier.wake)
        # The sockets, in the order of their arrival.
        self.sockets: dict[Socket, None] = {}
        # The number of sockets that have come so far.
        self.arrived = 0
        self.buckets = Buckets()
        self.draining = False
        self.empty = asyncio.Event()
        # Functions that publish presence; they get (user, online). Apps above register them, since those know the topics.
        self.on_presence: list[Callable[[int, bool], None]] = []
        # Functions that get the users whose sockets in another process have changed.
        self.on_sockets_elsewhere: list[Callable[[list[int]], None]] = []
        # Functions that read again what may have been lost and has no log of its own.
        self.on_loss: list[Work] = []
        self.periodic: list[tuple[float, Work]] = [
            (COUNT_OUT_S, self.count_out),
            (COMPARE_S, self.topics.compare),
            (LEASE_RENEW_S, self.renew_leases),
        ]
        self.tasks: set[asyncio.Task[None]] = set()
        self.resyncing = False
        self.wire()

    def wire(self) -> None:
        self.bus.courier.gather = self.presence_diff
        self.bus.peers_of = self.presence.peers_of
        self.bus.on_life = self.note_life
        self.bus.on_loss = self.lose
        self.bus.on_control |= {
            "beat": self.receive_beat,
            "presence": self.receive_presence_diff,
            "want": self.receive_want,
            "bye": self.receive_bye,
            "reread": self.receive_reread,
        }

    # -- sockets ---------------------------------------------------------------------------------------------------

    def open(self, socket: Socket, inbox: str) -> None:
        """Registers a socket that has signed in, with the topic `inbox` for its user's pushes."""
        self.sockets[socket] = None
        self.arrived += 1
        self.topics.enter_inbox(inbox, socket)
        self.topics.catch_up(inbox)
        self.presence.socket_opened(socket.user_id)
        OPEN_SOCKETS.inc()

    def closed(self, socket: Socket, inbox: str) -> None:
        """Forgets a signed-in socket that has ended."""
        self.sockets.pop(socket, None)
        for topic in tuple(socket.topics):
            self.presence.topic_left(socket.present_as, topic.name)
        self.topics.leave_all(socket)
        self.topics.leave_inbox(inbox, socket)
        self.presence.socket_closed(socket.user_id, time.monotonic())
        OPEN_SOCKETS.dec()
        if not self.sockets:
            self.empty.set()

    def allow(self, user_id: int) -> float:
        """Counts a command of the user. Returns the seconds until the user may send it, 0 for now."""
        return self.buckets.take(user_id, *allowance(), self.loop.time())

    # -- presence --------------------------------------------------------------------------------------------------

    def publish_presence(self, user_id: int, online: bool) -> None:
        for publish in self.on_presence:
            publish(user_id, online)

    def yields(self, user_id: int) -> bool:
        """Whether this process closes sockets of a user who has too many: exactly one process with such sockets does."""
        return all(name < self.bus.id for name in self.presence.processes_of(user_id))

    def presence_diff(self) -> list[tuple[str, Any]]:
        diff = self.presence.take_presence_diff()
        return [] if diff is None else [("presence", diff)]

    def note_life(self, sender: str) -> None:
        """Takes any message of a known process as a sign of life.

        A process without sockets also sends messages, but it sends no beat, so it never becomes known.
        """
        if sender in self.presence.peers:
            self.presence.note_alive(sender, time.monotonic())

    def receive_beat(self, sender: str, numbers: dict[str, int]) -> None:
        self.bus.check_direct(sender, numbers.get(self.bus.id))
        if sender != self.bus.id and self.presence.note_alive(sender, time.monotonic()):
            self.bus.courier.add_control("want", sender)

    def receive_presence_diff(self, sender: str, diff: dict[str, Any]) -> None:
        if sender != self.bus.id:
            added = self.presence.apply_presence_diff(sender, diff, time.monotonic())
            self.bus.send_recent(sender, added)
            for react in self.on_sockets_elsewhere:
                react([user_id for user_id, _ in diff["users"]])

    def receive_want(self, sender: str, whom: str | None) -> None:
        if whom in (None, self.bus.id) and sender != self.bus.id:
            self.presence.send_whole = True
            self.bus.courier.wake()

    def receive_reread(self, sender: str, _: Any) -> None:
        """Reads the log: the sender had published more than it could keep before it knew of a subscription here."""
        self.lose(sender)

    def receive_bye(self, sender: str, _: Any) -> None:
        if sender != self.bus.id:
            self.presence.forget(sender, time.monotonic())
            self.bus.forget(sender)

    async def count_out(self) -> None:
        for name in self.presence.newly_quiet(time.monotonic()):
            self.lose(name)
        for name in self.presence.forget_gone(time.monotonic()):
            self.bus.forget(name)
        self.bus.recent.forget(time.monotonic())

    async def renew_leases(self) -> None:
        await asyncio.to_thread(renew_leases, tuple(self.presence.users), clock.unix())

    # -- losses ----------------------------------------------------------------------------------------------------

    def lose(self, sender: str | None) -> None:
        """Makes up for lost messages of `sender`, or of any process with None: asks for presence, and reads the log."""
        self.bus.courier.add_control("want", sender)
        if not self.resyncing:
            self.resyncing = True
            self.spawn(self.resync())

    async def resync(self) -> None:
        """Reads the content of the lost messages from the log."""
        try:
            for work in (self.topics.compare, *self.on_loss):
                await attempt(work)
        finally:
            self.resyncing = False

    def spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # -- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Joins the other processes in the background, without waiting for the broker."""
        publishing.attach(self.bus)
        presence.attach(self.presence)
        self.bus.start()
        self.bus.courier.add_control("want", None)
        for seconds, work in self.periodic:
            self.spawn(repeat(seconds, work))

    async def drain(self) -> None:
        """Tells all sockets to reconnect elsewhere, each after its running command, spread over `DRAIN_S` (a setting)."""
        self.draining = True
        self.empty.clear()
        sockets = list(self.sockets)
        pause = settings.DRAIN_S / max(1, len(sockets))
        started = self.loop.time()
        for number, socket in enumerate(sockets):
            await asyncio.sleep(max(0.0, started + number * pause - self.loop.time()))
            socket.dismiss(RESTARTING)
        if self.sockets:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.empty.wait(), LAST_COMMANDS_S)

    async def stop(self) -> None:
        """Says goodbye to the other processes and leaves their group."""
        self.bus.courier.add_control("bye", None)
        await lifespan.end([*self.tasks, *self.topics.tasks])
        publishing.attach(None)
        presence.attach(None)
        await self.bus.stop()


async def attempt(work: Work) -> None:
    """Runs one round of repeated work. An error ends only that round, with a line in the log."""
    try:
        await work()
    except Exception as error:
        log.warning("%s failed: %r", getattr(work, "__qualname__", work), error)


async def repeat(seconds: float, work: Work) -> None:
    """Runs `work` every so many seconds while the task lives. An error in one round does not stop the next one."""
    while True:
        await asyncio.sleep(seconds)
        await attempt(work)


_hub: Hub | None = None
# Functions that set up each new hub before it starts. Apps above register them.
on_new_hub: list[Callable[[Hub], None]] = []


def hub() -> Hub:
    """Returns this process's hub. Under a server without lifespan events (Daphne) the first socket makes it."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
        for prepare in on_new_hub:
            prepare(_hub)
        _hub.spawn(_hub.start())
    return _hub


async def start() -> None:
    """Makes and starts this process's hub, when the server starts."""
    hub()


async def drain() -> None:
    """Tells the sockets to reconnect elsewhere."""
    await hub().drain()


async def stop() -> None:
    """Ends this process's hub, when the server ends."""
    global _hub
    if _hub is not None:
        ending, _hub = _hub, None
        await ending.stop()


def install() -> None:
    """Registers the hub's start, drain and stop with the server process."""
    lifespan.on_startup.append(start)
    lifespan.on_drain.append(drain)
    lifespan.on_shutdown.append(stop)
