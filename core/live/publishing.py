"""Publishes what was committed to the sockets of every process.

`publish` may be called in any thread of any process and never raises: the log in the database is the truth, and a
publication only wakes sockets up. A server process hands its publications to its event loop, which gives them to its own
sockets at once, and sends each process with other subscribers one message a turn of the loop (`core.live.courier`). A
process without sockets (a command, a shell) sends to all processes, from a thread of its own.
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

    `frame` is JSON text, encoded once. `seq` is the entry's number in a negotiation's topic, and the notification's id in a
    user's topic; None for a frame that may be lost. `since` is when the command behind it arrived (Unix seconds), for the
    histogram of delivery times; 0 leaves it out.
    """

    topic: str
    frame: bytes
    seq: int | None = None
    since: float = 0.0

    @property
    def item(self) -> Item:
        """Returns the form in which the publication travels between processes."""
        return (self.topic, self.frame, self.seq, self.since)


class Outlet(Protocol):
    """Takes the publications of this process."""

    def post(
        self, publications: Sequence[Publication], control: tuple[str, Any] | None, line: Line | None = None
    ) -> None:
        """Takes publications from any thread; never raises and never waits.

        Writes the line of the log when it has handed the publications over.
        """


def frame_of(body: Any) -> bytes:
    """Returns the JSON text of a frame."""
    return orjson.dumps(body)


def publish(publications: Sequence[Publication], line: Line | None = None) -> None:
    """Gives `publications` to every socket in their topics, in any process. Call it after the commit.

    `line` is the log line of the commit; it is completed with the entries that this process's sockets got.
    """
    if publications:
        outlet().post(publications, None, line)
    elif line is not None:
        line.write()


def publish_on_commit(publications: Sequence[Publication]) -> None:
    """Calls `publish` when the open transaction has committed, or at once outside of a transaction."""
    transaction.on_commit(lambda: publish(publications))


def publish_control(kind: str, body: Any) -> None:
    """Sends every server process a message that is not for sockets, e.g. ("credentials", {"users": [7]}).

    `body` may contain only what msgpack can encode. Call it after the commit; `core.live.bus.Bus.on_control` handles it.
    """
    outlet().post((), (kind, body))


class Sender:
    """The outlet of a process without sockets: a thread with an event loop and a courier."""

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
        """Sends what still waits, for a bounded time, when the process exits."""
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
    """Returns the outlet of this process: its event loop's, else the background sender."""
    return _outlet or sender()


def sender() -> Sender:
    """Returns the background sender, which starts on first use."""
    global _sender
    with _lock:
        if _sender is None:
            _sender = Sender()
            atexit.register(_sender.stop)
        return _sender


def attach(new: Outlet | None) -> None:
    """Makes `new` the outlet of this process; None makes it the background sender again."""
    global _outlet
    _outlet = new
