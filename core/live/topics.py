"""The topics of this process, and what they do with publications.

There are two kinds. An `Inbox` passes on what comes. A `LogTopic` has a log with a gapless `seq`, and its entries reach each
socket once, in order and without a gap: an entry that comes too early waits until the ones before it have come, or were
read from the database (`core/live/topic_table.py`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Protocol

# The most pushes of a user that may be published again after the broker was away.
REMEMBERED = 64
Message = dict[str, Any]


class Member(Protocol):
    """A socket, as the topics know it."""

    user_id: int
    # log topic that the socket is in → the last seq of its join reply.
    topics: dict[LogTopic, int]

    def push(self, message: Message) -> None: ...


def text_message(frame: bytes) -> Message:
    """Returns the ASGI event of a frame. All sockets of a topic get the same one."""
    return {"type": "websocket.send", "text": frame.decode()}


def without(sockets: tuple[Member, ...], one: Member) -> tuple[Member, ...]:
    """Returns the sockets except for `one`."""
    return tuple(socket for socket in sockets if socket is not one) if one in sockets else sockets


class Inbox:
    """The sockets of one user."""

    __slots__ = ("delivered", "sockets")

    def __init__(self) -> None:
        # A user has few sockets, and a tuple takes a fifth of a set's memory.
        self.sockets: tuple[Member, ...] = ()
        self.delivered: OrderedDict[int, None] | None = None

    def deliver(self, seq: int | None, frame: bytes) -> None:
        """Passes a push on. A push with a number is passed on only once."""
        if seq is not None and not self.is_new(seq):
            return
        message = text_message(frame)
        for socket in self.sockets:
            socket.push(message)

    def is_new(self, seq: int) -> bool:
        if self.delivered is None:
            self.delivered = OrderedDict()
        if seq in self.delivered:
            return False
        self.delivered[seq] = None
        if len(self.delivered) > REMEMBERED:
            self.delivered.popitem(last=False)
        return True


class LogTopic:
    """The sockets that follow one log."""

    __slots__ = ("gap_timer", "held", "joining", "last_seq", "name", "sockets", "watched")

    def __init__(self, name: str) -> None:
        self.name = name
        self.sockets: tuple[Member, ...] = ()
        # socket whose join reply was not sent yet → the entries that came meanwhile.
        self.joining: dict[Member, list[tuple[int, Message]]] | None = None
        # The last seq that was delivered; None until the first join has read the log.
        self.last_seq: int | None = None
        self.held: dict[int, bytes] | None = None
        self.gap_timer: asyncio.TimerHandle | None = None
        # Users whose presence is published in this topic.
        self.watched: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.sockets and not self.joining

    def drop(self, socket: Member) -> None:
        """Removes a socket that has left, or that joins again."""
        self.sockets = without(self.sockets, socket)

    def push_ephemeral(self, frame: bytes, except_user: int | None = None) -> None:
        """Delivers a frame that is not in the log to all sockets that have joined."""
        message = text_message(frame)
        for socket in self.sockets:
            if socket.user_id != except_user:
                socket.push(message)

    def deliver(self, seq: int, frame: bytes) -> bool:
        """Delivers an entry. Returns False where it has to wait for the entries before it."""
        if self.last_seq is not None:
            if seq <= self.last_seq:
                return True
            if seq == self.last_seq + 1:
                self.pass_on(seq, frame)
                if self.held:
                    self.release()
                return True
        self.held = self.held or {}
        self.held[seq] = frame
        return self.last_seq is None

    def release(self) -> None:
        """Passes on the entries that were held and are next now."""
        while self.held and self.last_seq is not None:
            for seq in [seq for seq in self.held if seq <= self.last_seq]:
                del self.held[seq]
            frame = self.held.pop(self.last_seq + 1, None)
            if frame is None:
                return
            self.pass_on(self.last_seq + 1, frame)
        self.held = None

    def pass_on(self, seq: int, frame: bytes) -> None:
        self.last_seq = seq
        message = text_message(frame)
        for socket in self.sockets:
            if seq > socket.topics.get(self, 0):
                socket.push(message)
        if self.joining:
            for late in self.joining.values():
                late.append((seq, message))

    def admit(self, socket: Member, up_to: int) -> None:
        """Lets a socket, whose join reply reached up to `up_to`, receive each entry after it."""
        late = self.joining.pop(socket, []) if self.joining else []
        self.joining = self.joining or None
        socket.topics[self] = up_to
        self.sockets += (socket,)
        for seq, message in late:
            if seq > up_to:
                socket.push(message)
        if self.last_seq is None:
            self.last_seq = up_to
            self.release()
