"""Publishes what was committed to the sockets of every process.

`publish` may be called in any thread of any process and never raises: the log in the database is the truth, and what is
published only wakes sockets up. A server process hands its publications to its event loop, which gives them to its own
sockets at once and publishes them to the processes that hold other subscribers, in one message a process and
event-loop turn (`core.live.courier`). A process without sockets (a command, a shell) sends to all from a thread of its own.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from channels.layers import get_channel_layer
from django.db import transaction

from core.live.courier import Courier, Item
from core.server.logs import Line

log = logging.getLogger(__name__)

EXIT_FLUSH_S = 3.0


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

    @property
    def item(self) -> Item:
        """The form in which it travels between processes."""
        return (self.topic, self.frame, self.seq, self.since)


class Outlet(Protocol):
    """What takes publications in this process."""

    def post(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        """From any thread; never raises and never waits. Writes the line when it has handed the publications over."""


def frame_of(body: Any) -> bytes:
    """The JSON text of a frame."""
    return orjson.dumps(body)


def publish(publications: Sequence[Publication], line: Line | None = None) -> None:
    """Gives `publications` to every socket in their topics, wherever it is. To be called after the commit.

    `line` tells of the commit; it is written with the entries that sockets of this process were given.
    """
    if publications:
        outlet().post(publications, None, line)
    elif line is not None:
        line.write()


def publish_on_commit(publications: Sequence[Publication]) -> None:
    """`publish` once the transaction under way is committed, at once outside of one."""
    transaction.on_commit(lambda: publish(publications))


def publish_control(kind: str, body: Any) -> None:
    """Tells every server process something that is not for sockets, e.g. ("credentials", {"users": [7]}).

    `body` holds only what msgpack takes. To be called after the commit; see `core.live.bus.Bus.on_control`.
    """
    outlet().post((), (kind, body))


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

    def post(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        if line is not None:
            line.write()
        try:
            self.courier.loop.call_soon_threadsafe(self.accept, publications, control)
        except RuntimeError:
            log.warning("nothing is published any more: the process ends")

    def accept(self, publications: Sequence[Publication], control: tuple[str, Any] | None) -> None:
        self.courier.add(p.item for p in publications)
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
