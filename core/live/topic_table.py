"""All topics with a socket in this process: lets sockets enter and leave, and reads entries that a topic missed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import Counter

from core.live.topics import Inbox, LogTopic, Member, without

log = logging.getLogger(__name__)
GAPS_FILLED = Counter("hub_gaps_filled_total", "Entries read from the log because their wake-up was lost or late")
# Seconds. An entry that another one overtook arrives within this time.
FILL_AFTER_S = 0.05
FILL_RETRY_S = 1.0
# The most frames that are kept for topics without sockets, while a socket is about to enter one.
MISSED = 4096
# Gets (topic, its last known seq) of several topics; returns (topic, seq, frame) of the entries after it, ascending in each.
ReadLog = Callable[[Sequence[tuple[str, int]]], Awaitable[Iterable[tuple[str, int, bytes]]]]
# Gets names of topics; returns the last seq in the log of each topic that has one.
ReadHeads = Callable[[Sequence[str]], Awaitable[dict[str, int]]]


class TopicTable:
    """All topics with a socket in this process. All of its code runs on the event loop."""

    def __init__(self) -> None:
        self.inboxes: dict[str, Inbox] = {}
        self.logs: dict[str, LogTopic] = {}
        self.watching: dict[int, set[LogTopic]] = {}
        self.read_log: ReadLog | None = None
        self.read_heads: ReadHeads | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        # Number of sockets that are about to enter a topic whose name is not known yet. While there are any, frames for
        # topics without sockets are kept in `missed`.
        self.expecting = 0
        self.missed: deque[tuple[str, bytes, int | None]] = deque(maxlen=MISSED)

    def deliver(self, topic: str, frame: bytes, seq: int | None) -> bool:
        """Delivers to the topic's sockets in this process. Returns False where it has none."""
        if (followed := self.logs.get(topic)) is not None:
            if seq is None:
                followed.push_ephemeral(frame)
            elif not followed.deliver(seq, frame):
                self.notice_gap(followed)
            return True
        if (inbox := self.inboxes.get(topic)) is not None:
            inbox.deliver(seq, frame)
            return True
        if self.expecting:
            self.missed.append((topic, frame, seq))
        return False

    @contextlib.contextmanager
    def expect(self) -> Iterator[None]:
        """Opens a context in which frames for unknown topics are kept for `catch_up`."""
        self.expecting += 1
        try:
            yield
        finally:
            self.expecting -= 1
            if not self.expecting:
                self.missed.clear()

    def missed_of(self, topic: str) -> dict[int, bytes]:
        """Returns seq → frame of what came for the topic before it had a socket here."""
        return {seq: frame for name, frame, seq in self.missed if name == topic and seq is not None}

    def catch_up(self, topic: str) -> None:
        """Delivers what came for the topic before it had a socket here."""
        for name, frame, seq in [item for item in self.missed if item[0] == topic]:
            self.deliver(name, frame, seq)

    # -- coming and going ------------------------------------------------------------------------------------------

    def enter_inbox(self, topic: str, socket: Member) -> None:
        """Lets the socket receive what is pushed to its user."""
        inbox = self.inboxes.get(topic)
        if inbox is None:
            inbox = self.inboxes[topic] = Inbox()
        if socket not in inbox.sockets:
            inbox.sockets += (socket,)

    def leave_inbox(self, topic: str, socket: Member) -> None:
        if (inbox := self.inboxes.get(topic)) is not None:
            inbox.sockets = without(inbox.sockets, socket)
            if not inbox.sockets:
                del self.inboxes[topic]

    def begin_join(self, topic: str, socket: Member) -> LogTopic:
        """Begins a join, before the log is read: entries that come from now on are kept for the socket."""
        followed = self.logs.get(topic)
        if followed is None:
            followed = self.logs[topic] = LogTopic(topic)
        followed.drop(socket)
        socket.topics.pop(followed, None)
        if followed.joining is None:
            followed.joining = {}
        followed.joining[socket] = []
        return followed

    def end_join(self, followed: LogTopic, socket: Member, up_to: int | None, watched: tuple[int, ...] = ()) -> None:
        """Ends a join, after the reply was sent: the socket gets the entries after `up_to`.

        `up_to` is None where the join failed or the log has further pages; the socket then gets no live entries yet.
        `watched` are the users whose presence the topic publishes.
        """
        if up_to is None:
            if followed.joining:
                followed.joining.pop(socket, None)
            self.drop_if_empty(followed)
            return
        if followed.joining is None or socket not in followed.joining:
            return  # the socket left, or its connection ended, meanwhile
        followed.admit(socket, up_to)
        self.watch(followed, watched)

    def leave(self, topic: str, socket: Member) -> None:
        """Removes the socket from the topic; does nothing where it is not in it."""
        if (followed := self.logs.get(topic)) is not None:
            self.remove(followed, socket)

    def leave_all(self, socket: Member) -> None:
        for followed in tuple(socket.topics):
            self.remove(followed, socket)

    def remove(self, followed: LogTopic, socket: Member) -> None:
        followed.drop(socket)
        socket.topics.pop(followed, None)
        if followed.joining:
            followed.joining.pop(socket, None)
        self.drop_if_empty(followed)

    def drop_if_empty(self, followed: LogTopic) -> None:
        if not followed.empty or self.logs.get(followed.name) is not followed:
            return
        del self.logs[followed.name]
        if followed.gap_timer is not None:
            followed.gap_timer.cancel()
        for user_id in followed.watched:
            topics = self.watching[user_id]
            topics.discard(followed)
            if not topics:
                del self.watching[user_id]

    def watch(self, followed: LogTopic, users: tuple[int, ...]) -> None:
        if followed.watched or not users:
            return
        followed.watched = users
        for user_id in users:
            self.watching.setdefault(user_id, set()).add(followed)

    def has(self, topic: str, user_id: int) -> bool:
        """Whether a socket of the user is in the log topic, in this process."""
        followed = self.logs.get(topic)
        return followed is not None and any(s.user_id == user_id for s in followed.sockets)

    # -- holes -----------------------------------------------------------------------------------------------------

    def notice_gap(self, followed: LogTopic, after: float = FILL_AFTER_S) -> None:
        """Waits `after` seconds for a missing entry, then reads it from the log if it has not come."""
        if followed.gap_timer is None:
            loop = asyncio.get_running_loop()
            followed.gap_timer = loop.call_later(after, self.start_fill, followed, after == FILL_RETRY_S)

    def start_fill(self, followed: LogTopic, again: bool) -> None:
        followed.gap_timer = None
        if (followed.held or again) and not followed.empty:
            self.spawn(self.fill([followed]))

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def fill(self, topics: Sequence[LogTopic]) -> None:
        """Reads and delivers the entries that these topics lack. Tries again later while the database is down."""
        wanted = [(topic.name, topic.last_seq) for topic in topics if topic.last_seq is not None]
        if self.read_log is None or not wanted:
            return
        try:
            found = await self.read_log(wanted)
        except Exception as error:
            log.warning("a gap could not be filled yet: %r", error)
            for topic in topics:
                self.notice_gap(topic, FILL_RETRY_S)
            return
        for name, seq, frame in found:
            followed = self.logs.get(name)
            if followed is not None and followed.last_seq is not None and seq > followed.last_seq:
                GAPS_FILLED.inc()
                self.deliver(name, frame, seq)

    async def compare(self) -> None:
        """Reads the last seq of each topic in one query, and fills the gaps."""
        if self.read_heads is None or not self.logs:
            return
        before = {name: topic.last_seq for name, topic in self.logs.items() if topic.last_seq is not None}
        heads = await self.read_heads(list(before))
        behind = [self.logs[n] for n, head in heads.items() if n in self.logs and head > before[n]]
        if behind:
            await asyncio.sleep(FILL_AFTER_S)  # entries that are still on their way are not lost
        late = [topic for topic in behind if topic.last_seq is not None and topic.last_seq < heads[topic.name]]
        for start in range(0, len(late), 50):
            await self.fill(late[start : start + 50])
