"""The topics of this process, and what they do with publications.

Two kinds: an `Inbox` passes on what comes; a `LogTopic` has a log with a gapless `seq`, whose entries reach each socket in
order, once, and without a hole: an entry that comes too early waits until those before it have come, or have been read
from the database (`core/live/topic_table.py`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Protocol

# As many pushes of a user as could be published again after the broker was away.
REMEMBERED = 64
Message = dict[str, Any]


class Member(Protocol):
    """What the topics know of a socket."""

    user_id: int
    # Each log topic it is in → the seq up to which its join reply reached.
    topics: dict[LogTopic, int]

    def push(self, message: Message) -> None: ...


def text_message(frame: bytes) -> Message:
    """The one ASGI event that every socket of a topic is given."""
    return {"type": "websocket.send", "text": frame.decode()}


def without(sockets: tuple[Member, ...], one: Member) -> tuple[Member, ...]:
    """The same sockets but for one, where it is among them."""
    return tuple(socket for socket in sockets if socket is not one) if one in sockets else sockets


class Inbox:
    """The sockets of one user."""

    __slots__ = ("delivered", "sockets")

    def __init__(self) -> None:
        # A tuple, since a user has few sockets: it takes a fifth of a set's memory.
        self.sockets: tuple[Member, ...] = ()
        self.delivered: OrderedDict[int, None] | None = None

    def deliver(self, seq: int | None, frame: bytes) -> None:
        """Passes a push on, one with a number only once."""
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
        # Sockets whose join reply is not out yet, with what came meanwhile.
        self.joining: dict[Member, list[tuple[int, Message]]] | None = None
        # Unknown until the first join has read the log.
        self.last_seq: int | None = None
        self.held: dict[int, bytes] | None = None
        self.gap_timer: asyncio.TimerHandle | None = None
        # Users whose presence is published in this topic.
        self.watched: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.sockets and not self.joining

    def drop(self, socket: Member) -> None:
        """Removes a socket that has left, or joins anew."""
        self.sockets = without(self.sockets, socket)

    def push_ephemeral(self, frame: bytes, except_user: int | None = None) -> None:
        """Delivers a frame that is not in the log to all sockets that have joined."""
        message = text_message(frame)
        for socket in self.sockets:
            if socket.user_id != except_user:
                socket.push(message)

    def deliver(self, seq: int, frame: bytes) -> bool:
        """An entry. False: it has to wait for those before it."""
        if self.last_seq is not None:
            if seq <= self.last_seq:
                return True
            if seq == self.last_seq + 1:
                self.pass_on(seq, frame)
                self.release()
                return True
        self.held = self.held or {}
        self.held[seq] = frame
        return self.last_seq is None

    def release(self) -> None:
        """Passes on what was held and is next."""
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
        for late in (self.joining or {}).values():
            late.append((seq, message))

    def admit(self, socket: Member, up_to: int) -> None:
        """The join reply up to entry `up_to` is out: from now on the socket gets each entry after it."""
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
