"""Which sockets of this process are in which room, and in what order they get what is said there.

Two kinds of rooms: an `Inbox` passes on what comes; a `LogRoom` has a log with a gapless `seq`, whose entries reach
each socket in order, once, and without a hole: an entry that comes too early waits until those before it have been read
from the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from prometheus_client import Counter

log = logging.getLogger(__name__)

GAPS_FILLED = Counter("hub_gaps_filled_total", "Entries read from the log because their wake-up was lost or late")
# A wake-up that overtook another is put right by the other itself within this time.
FILL_AFTER_S = 0.05
FILL_RETRY_S = 1.0
# What came for a room without sockets while somebody was about to enter it.
MISSED = 4096
# As many pushes of a user as could be told again after the broker was away.
REMEMBERED = 64

Message = dict[str, Any]
# (room, the last seq it has) of several rooms → (room, seq, frame) of what they lack, ascending in each.
ReadLog = Callable[[Sequence[tuple[str, int]]], Awaitable[Iterable[tuple[str, int, bytes]]]]
# names of rooms → last seq of each that has one.
ReadHeads = Callable[[Sequence[str]], Awaitable[dict[str, int]]]


class Member(Protocol):
    """What the rooms know of a socket."""

    user_id: int
    # Each log room it is in → the seq up to which its join reply told it.
    rooms: dict[LogRoom, int]

    def push(self, message: Message) -> None: ...


def text_message(frame: bytes) -> Message:
    """The one ASGI event that every socket of a room is given."""
    return {"type": "websocket.send", "text": frame.decode()}


class Inbox:
    """The sockets of one user."""

    __slots__ = ("sockets", "told")

    def __init__(self) -> None:
        self.sockets: set[Member] = set()
        self.told: OrderedDict[int, None] | None = None

    def take(self, seq: int | None, frame: bytes) -> None:
        """Passes a push on, one with a number only once."""
        if seq is not None and not self.is_new(seq):
            return
        message = text_message(frame)
        for socket in tuple(self.sockets):
            socket.push(message)

    def is_new(self, seq: int) -> bool:
        if self.told is None:
            self.told = OrderedDict()
        if seq in self.told:
            return False
        self.told[seq] = None
        if len(self.told) > REMEMBERED:
            self.told.popitem(last=False)
        return True


class LogRoom:
    """The sockets that follow one log."""

    __slots__ = ("gap_timer", "held", "joining", "last_seq", "name", "sockets", "watched")

    def __init__(self, name: str) -> None:
        self.name = name
        self.sockets: set[Member] = set()
        # Sockets whose join reply is not out yet, with what came meanwhile.
        self.joining: dict[Member, list[tuple[int, Message]]] | None = None
        # Unknown until the first join has read the log.
        self.last_seq: int | None = None
        self.held: dict[int, bytes] | None = None
        self.gap_timer: asyncio.TimerHandle | None = None
        # Users whose coming and going is told in this room.
        self.watched: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.sockets and not self.joining

    def tell(self, frame: bytes, except_user: int | None = None) -> None:
        """Something outside of the log, to all who have joined."""
        message = text_message(frame)
        for socket in tuple(self.sockets):
            if socket.user_id != except_user:
                socket.push(message)

    def take(self, seq: int, frame: bytes) -> bool:
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
        for socket in tuple(self.sockets):
            if seq > socket.rooms.get(self, 0):
                socket.push(message)
        for late in (self.joining or {}).values():
            late.append((seq, message))

    def admit(self, socket: Member, told: int) -> None:
        """The join reply up to entry `told` is out: from now on the socket gets each entry after it."""
        late = self.joining.pop(socket, []) if self.joining else []
        self.joining = self.joining or None
        socket.rooms[self] = told
        self.sockets.add(socket)
        for seq, message in late:
            if seq > told:
                socket.push(message)
        if self.last_seq is None:
            self.last_seq = told
            self.release()


class RoomTable:
    """All rooms that have a socket in this process. Everything here runs on the event loop."""

    def __init__(self) -> None:
        self.inboxes: dict[str, Inbox] = {}
        self.logs: dict[str, LogRoom] = {}
        self.watching: dict[int, set[LogRoom]] = {}
        self.read_log: ReadLog | None = None
        self.read_heads: ReadHeads | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        # Sockets about to enter a room whose name they do not know yet: until then, nothing may be thrown away.
        self.expecting = 0
        self.missed: deque[tuple[str, bytes, int | None]] = deque(maxlen=MISSED)

    def deliver(self, room: str, frame: bytes, seq: int | None) -> bool:
        """To the room's sockets here; False where it has none."""
        if (followed := self.logs.get(room)) is not None:
            if seq is None:
                followed.tell(frame)
            elif not followed.take(seq, frame):
                self.notice_gap(followed)
            return True
        if (inbox := self.inboxes.get(room)) is not None:
            inbox.take(seq, frame)
            return True
        if self.expecting:
            self.missed.append((room, frame, seq))
        return False

    @contextlib.contextmanager
    def expect(self) -> Iterator[None]:
        """Meanwhile what comes for unknown rooms is kept, for `catch_up`."""
        self.expecting += 1
        try:
            yield
        finally:
            self.expecting -= 1
            if not self.expecting:
                self.missed.clear()

    def catch_up(self, room: str) -> None:
        """Delivers what came for the room before it had a socket here."""
        for name, frame, seq in [item for item in self.missed if item[0] == room]:
            self.deliver(name, frame, seq)

    # -- coming and going ------------------------------------------------------------------------------------------

    def enter_inbox(self, room: str, socket: Member) -> None:
        """From now on the socket gets what is pushed to its user."""
        inbox = self.inboxes.get(room)
        if inbox is None:
            inbox = self.inboxes[room] = Inbox()
        inbox.sockets.add(socket)

    def leave_inbox(self, room: str, socket: Member) -> None:
        if (inbox := self.inboxes.get(room)) is not None:
            inbox.sockets.discard(socket)
            if not inbox.sockets:
                del self.inboxes[room]

    def begin_join(self, room: str, socket: Member) -> LogRoom:
        """First half of a join, before the log is read: entries that come from now on are kept for the socket."""
        followed = self.logs.get(room)
        if followed is None:
            followed = self.logs[room] = LogRoom(room)
        followed.sockets.discard(socket)
        socket.rooms.pop(followed, None)
        if followed.joining is None:
            followed.joining = {}
        followed.joining[socket] = []
        return followed

    def end_join(self, followed: LogRoom, socket: Member, told: int | None, watched: tuple[int, ...] = ()) -> None:
        """Second half, when the reply is out. `told` None: it failed or has further pages, so no live entries yet."""
        if told is None:
            if followed.joining:
                followed.joining.pop(socket, None)
            self.drop_if_empty(followed)
            return
        if followed.joining is None or socket not in followed.joining:
            return  # it left, or its connection ended, meanwhile
        followed.admit(socket, told)
        self.watch(followed, watched)

    def leave(self, room: str, socket: Member) -> None:
        """The socket gets nothing more of this room; harmless where it is not in it."""
        if (followed := self.logs.get(room)) is not None:
            self.remove(followed, socket)

    def leave_all(self, socket: Member) -> None:
        for followed in tuple(socket.rooms):
            self.remove(followed, socket)

    def remove(self, followed: LogRoom, socket: Member) -> None:
        followed.sockets.discard(socket)
        socket.rooms.pop(followed, None)
        if followed.joining:
            followed.joining.pop(socket, None)
        self.drop_if_empty(followed)

    def drop_if_empty(self, followed: LogRoom) -> None:
        if not followed.empty or self.logs.get(followed.name) is not followed:
            return
        del self.logs[followed.name]
        if followed.gap_timer is not None:
            followed.gap_timer.cancel()
        for user_id in followed.watched:
            rooms = self.watching[user_id]
            rooms.discard(followed)
            if not rooms:
                del self.watching[user_id]

    def watch(self, followed: LogRoom, users: tuple[int, ...]) -> None:
        if followed.watched or not users:
            return
        followed.watched = users
        for user_id in users:
            self.watching.setdefault(user_id, set()).add(followed)

    def has(self, room: str, user_id: int) -> bool:
        """Whether a socket of the user is in the log room, in this process."""
        followed = self.logs.get(room)
        return followed is not None and any(s.user_id == user_id for s in tuple(followed.sockets))

    # -- holes -----------------------------------------------------------------------------------------------------

    def notice_gap(self, followed: LogRoom, after: float = FILL_AFTER_S) -> None:
        """An entry is missing: if it does not come by itself in a moment, it is read."""
        if followed.gap_timer is None:
            loop = asyncio.get_running_loop()
            followed.gap_timer = loop.call_later(after, self.start_fill, followed, after == FILL_RETRY_S)

    def start_fill(self, followed: LogRoom, again: bool) -> None:
        followed.gap_timer = None
        if (followed.held or again) and not followed.empty:
            self.spawn(self.fill([followed]))

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def fill(self, rooms: Sequence[LogRoom]) -> None:
        """Reads and passes on what these rooms lack; with the database down, tries again until it answers."""
        wanted = [(room.name, room.last_seq) for room in rooms if room.last_seq is not None]
        if self.read_log is None or not wanted:
            return
        try:
            found = await self.read_log(wanted)
        except Exception as error:
            log.warning("a gap could not be filled yet: %r", error)
            for room in rooms:
                self.notice_gap(room, FILL_RETRY_S)
            return
        for name, seq, frame in found:
            followed = self.logs.get(name)
            if followed is not None and followed.last_seq is not None and seq > followed.last_seq:
                GAPS_FILLED.inc()
                self.deliver(name, frame, seq)

    async def compare(self) -> None:
        """Asks the log how far each room is, in one query, and fills what is missing."""
        if self.read_heads is None or not self.logs:
            return
        before = {name: room.last_seq for name, room in self.logs.items() if room.last_seq is not None}
        heads = await self.read_heads(list(before))
        behind = [self.logs[n] for n, head in heads.items() if n in self.logs and head > before[n]]
        if behind:
            await asyncio.sleep(FILL_AFTER_S)  # what is only on its way is not lost
        late = [room for room in behind if room.last_seq is not None and room.last_seq < heads[room.name]]
        for start in range(0, len(late), 50):
            await self.fill(late[start : start + 50])
