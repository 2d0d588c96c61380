"""All rooms that have a socket in this process: who enters and leaves, and what a log lacks is read for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import Counter

from core.live.rooms import Inbox, LogRoom, Member

log = logging.getLogger(__name__)
GAPS_FILLED = Counter("hub_gaps_filled_total", "Entries read from the log because their wake-up was lost or late")
# A wake-up that overtook another is put right by the other itself within this time.
FILL_AFTER_S = 0.05
FILL_RETRY_S = 1.0
# What came for a room without sockets while somebody was about to enter it.
MISSED = 4096
# (room, the last seq it has) of several rooms → (room, seq, frame) of what they lack, ascending in each.
ReadLog = Callable[[Sequence[tuple[str, int]]], Awaitable[Iterable[tuple[str, int, bytes]]]]
# names of rooms → last seq of each that has one.
ReadHeads = Callable[[Sequence[str]], Awaitable[dict[str, int]]]


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
