"""Sends a websocket's frames in order, and bounds the queue of a slow reader."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter, Gauge

from core.eager import resume
from core.live.topics import LogTopic, Message

# Bytes that may wait for one reader, and for all readers of this process. Beyond that the reader with the most is cut off.
MAX_BACKLOG, MAX_WAITING = 1 << 20, 64 << 20
# Bytes that the server buffers for a reader before it makes the sender wait.
IN_SERVER = 64 << 10
MAX_MALFORMED = 10
MAX_REFUSALS = 300
# Seconds after which a reader is cut off that does not even take the close frame.
CLOSE_WITHIN_S = 15.0

# Close codes; docs/protocol.md describes them.
MALFORMED, UNAUTHORISED, BAD_ORIGIN, TOO_SLOW, FLOOD, RESTARTING = 4400, 4401, 4403, 4408, 4429, 1012
CLOSE_REASONS = {
    MALFORMED: "malformed frames",
    UNAUTHORISED: "sign in",
    BAD_ORIGIN: "origin not allowed",
    TOO_SLOW: "too slow",
    FLOOD: "too many",
    RESTARTING: "restarting",
}

OPEN_SOCKETS = Gauge("hub_ws_connections", "Signed-in sockets of this process")
CLOSED = Counter("hub_ws_closed_total", "Sockets the hub closed, by code", ["code"])

WAITING = Gauge("hub_ws_waiting_bytes", "What waits in this process for sockets that do not read")

Send = Callable[[Message], Awaitable[None]]


class Waiting:
    """The sockets of this process with a backlog, and how many bytes wait for all of them."""

    def __init__(self) -> None:
        self.sockets: dict[Socket, None] = {}
        self.size = 0

    def change(self, by: int) -> None:
        self.size += by
        WAITING.set(self.size)
        while self.size > MAX_WAITING and (largest := max(self.sockets, key=lambda socket: socket.size, default=None)):
            self.sockets.pop(largest)
            largest.overflow()


waiting = Waiting()


class Socket:
    """The outgoing half of one connection.

    While the server has room it takes an event without waiting, so writing needs no task. Only while it has none, the
    socket has a backlog, counted in bytes, and a task that writes it.
    """

    __slots__ = (
        "app",
        "backlog",
        "closing",
        "cut",
        "gone",
        "loop",
        "put",
        "send",
        "size",
        "topics",
        "user_id",
        "writer",
    )

    def __init__(self, send: Send) -> None:
        self.send = send
        self.loop = asyncio.get_running_loop()
        self.app = asyncio.current_task()
        # Ends the connection at once; None where the server can't do that.
        self.cut: Callable[[], None] | None = None
        # Takes an event without waiting, or returns False; None where the server has no such function.
        self.put: Callable[[Message], bool] | None = None
        self.user_id = 0
        self.topics: dict[LogTopic, int] = {}
        self.backlog: deque[Message] | None = None
        self.size = 0
        self.writer: asyncio.Task[None] | None = None
        # The close code that was sent or is about to be; 0 without one.
        self.closing = 0
        self.gone = False

    @property
    def present_as(self) -> int:
        """The id of the user who counts as present in the topics that this socket joins."""
        return self.user_id

    def push(self, message: Message) -> None:
        """Sends an event, or queues it until the reader takes it. Never raises, never waits. Call it on the event loop."""
        if self.closing or self.gone:
            return
        if self.writer is not None:
            self.queue(message)
        elif self.put is None or not self.put(message):
            self.write(message)

    def push_text(self, text: str) -> None:
        self.push({"type": "websocket.send", "text": text})

    def close(self, code: int) -> None:
        """Closes after everything that was pushed before."""
        if self.closing or self.gone:
            return
        self.closing = code
        CLOSED.labels(str(code)).inc()
        message = {"type": "websocket.close", "code": code, "reason": CLOSE_REASONS.get(code, "")}
        if self.writer is None:
            self.write(message)
        elif self.backlog is not None:
            self.backlog.append(message)
            self.loop.call_later(CLOSE_WITHIN_S, self.cut_off)

    def dismiss(self, code: int) -> None:
        """Closes after the reply of the running command; at once without one."""
        self.close(code)

    def write(self, message: Message) -> None:
        sending: Any = self.send(message)
        try:
            waited_for = sending.send(None)
        except StopIteration:
            return
        except Exception:  # the connection is gone; the reading half will notice that by itself
            self.gone = True
            return
        self.backlog = deque()
        self.writer = self.loop.create_task(self.drain(resume(sending, waited_for)))
        self.writer.add_done_callback(self.never_began)
        waiting.sockets[self] = None
        self.resize(IN_SERVER)

    def queue(self, message: Message) -> None:
        if self.backlog is None:
            return
        self.backlog.append(message)
        self.resize(size_of(message))
        if self.size > IN_SERVER + MAX_BACKLOG:
            self.overflow()

    def resize(self, by: int) -> None:
        """Counts that `by` more bytes wait for the reader, or fewer where it is negative."""
        self.size += by
        waiting.change(by)

    def overflow(self) -> None:
        """Drops a backlog that is too large, and queues a close with TOO_SLOW instead, in case the reader reads again."""
        if self.backlog is None:
            return
        self.backlog.clear()
        self.resize(-self.size)
        if self.closing:
            self.cut_off()
        else:
            self.close(TOO_SLOW)

    async def drain(self, first: Awaitable[None]) -> None:
        """Awaits the first write, then writes the backlog until it is empty."""
        try:
            await first
            while self.backlog:
                message = self.backlog.popleft()
                self.resize(-min(self.size, size_of(message)))
                await self.send(message)
        except Exception:
            self.gone = True
        finally:
            self.nothing_waits()

    def nothing_waits(self) -> None:
        self.writer = self.backlog = None
        waiting.sockets.pop(self, None)
        self.resize(-self.size)

    def never_began(self, writer: asyncio.Task[None]) -> None:
        """Cleans up after a task that was cancelled before its first step: it runs no code of its own, not even `finally`."""
        if self.writer is writer:
            self.nothing_waits()

    async def drained(self) -> None:
        """Waits until the reader has taken everything, so that a flooding client waits for its own replies."""
        if self.writer is not None:
            await asyncio.wait([self.writer])

    def cut_off(self) -> None:
        if self.writer is None:
            return
        self.end()
        if self.cut is not None:
            self.cut()
        elif self.app is not None:
            self.app.cancel()

    def end(self) -> None:
        """Ends the outgoing half: from now on nothing is sent."""
        self.gone = True
        if self.writer is not None:
            self.writer.cancel()


def size_of(message: Message) -> int:
    """Returns the size of an event's text in bytes."""
    return len(message.get("text", "").encode())
