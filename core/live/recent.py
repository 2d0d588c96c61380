"""Keeps what this process published in the last seconds, for a process whose subscription arrives late.

A process publishes an entry only to processes with subscribers. A socket that joined in another process a moment ago may
have read the log before the entry was committed, while its subscription is still on its way here. So when a subscription
arrives, this process sends what it has published on the topic meanwhile; the receiver drops what it has already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from core.live.courier import Item

# Seconds. A subscription takes milliseconds to arrive; a lost one is requested again within one or two beats.
KEPT_S = 6.0
MAX_BYTES = 8 << 20
# Seconds for which frames of typing and presence are kept, which are true only for a moment.
EPHEMERAL_S = 1.0


class Recent:
    """The publications of the last `KEPT_S`, by topic. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.order: deque[tuple[float, Item]] = deque()
        # The oldest `indexed` publications of `order`, by topic. A process without others never needs them by topic.
        self.by_topic: dict[str, deque[tuple[float, Item]]] = {}
        self.indexed = 0
        self.size = 0
        # Until this time something is missing that was dropped early, for want of space.
        self.incomplete_until = 0.0

    def keep(self, items: Iterable[Item], now: float) -> None:
        """Keeps publications."""
        for item in items:
            self.order.append((now, item))
            self.size += len(item[1])
        self.forget(now)

    def forget(self, now: float) -> None:
        """Drops publications that are too old, and the oldest ones where there are too many."""
        while self.order and (self.order[0][0] < now - KEPT_S or self.size > MAX_BYTES):
            at, item = self.order.popleft()
            if at >= now - KEPT_S:
                self.incomplete_until = at + KEPT_S
            self.size -= len(item[1])
            if self.indexed:
                self._drop_from_index(item[0])

    def _drop_from_index(self, topic: str) -> None:
        self.indexed -= 1
        kept = self.by_topic[topic]
        kept.popleft()
        if not kept:
            del self.by_topic[topic]

    def _index(self) -> None:
        """Adds to `by_topic` what came since it was last needed."""
        new = list(islice(reversed(self.order), len(self.order) - self.indexed))
        for pair in reversed(new):
            self.by_topic.setdefault(pair[1][0], deque()).append(pair)
        self.indexed = len(self.order)

    def of(self, topics: Iterable[str], now: float) -> list[Item]:
        """Returns what was published on these topics, in order within each; frames without a number only of the last second."""
        self.forget(now)
        self._index()
        kept = (pair for topic in dict.fromkeys(topics) for pair in self.by_topic.get(topic, ()))
        return [item for at, item in kept if item[2] is not None or at >= now - EPHEMERAL_S]

    def is_complete(self, now: float) -> bool:
        """Whether nothing that should still be kept was dropped for want of space."""
        return now >= self.incomplete_until
