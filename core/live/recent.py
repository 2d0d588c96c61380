"""Keeps what this process published in the last seconds, for a process whose subscription arrives late.

A process publishes an entry only to processes with subscribers. A socket that joined elsewhere a moment ago may have
read the log before the entry was committed, while its subscription is still on its way here. So when the news of a
subscription arrives, what was published on its topic meanwhile is sent after it; the receiver drops what it has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from core.live.courier import Item

# A subscription takes milliseconds to arrive; a lost one is requested again within a beat or two.
KEPT_S = 6.0
MAX_BYTES = 8 << 20
# Frames of typing and presence, which are true only for a moment, are kept so long.
EPHEMERAL_S = 1.0


class Recent:
    """The publications of the last `KEPT_S`, by topic. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.order: deque[tuple[float, Item]] = deque()
        self.by_topic: dict[str, deque[tuple[float, Item]]] = {}
        self.size = 0
        # The time up to which something was dropped early.
        self.incomplete_until = 0.0

    def keep(self, item: Item, now: float) -> None:
        """Remembers a publication."""
        self.order.append((now, item))
        self.by_topic.setdefault(item[0], deque()).append((now, item))
        self.size += len(item[1])
        self.forget(now)

    def forget(self, now: float) -> None:
        """Drops what is old, and the oldest where there is too much."""
        while self.order and (self.order[0][0] < now - KEPT_S or self.size > MAX_BYTES):
            at, item = self.order.popleft()
            if at >= now - KEPT_S:
                self.incomplete_until = at + KEPT_S
            self.size -= len(item[1])
            kept = self.by_topic[item[0]]
            kept.popleft()
            if not kept:
                del self.by_topic[item[0]]

    def of(self, topics: Iterable[str], now: float) -> list[Item]:
        """What was published on these topics, in order within each; unnumbered frames only of the latest second."""
        self.forget(now)
        kept = (pair for topic in dict.fromkeys(topics) for pair in self.by_topic.get(topic, ()))
        return [item for at, item in kept if item[2] is not None or at >= now - EPHEMERAL_S]

    def is_complete(self, now: float) -> bool:
        """False while something that should still be here was dropped for want of space."""
        return now >= self.incomplete_until
