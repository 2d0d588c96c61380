"""Bulkheads: each neighbour (payment gateway, bucket, picture decoder, password hasher …) has a lane of its own.

A lane admits a bounded number of this process's calls at once. A neighbour that hangs holds only its own lane's calls. A call
that finds no room is refused before anything is written, with the time after which to try again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from prometheus_client import Counter, Gauge

from core.errors import Code, DomainError

BUSY = Gauge("hub_lane_busy", "Calls to a neighbour that run", ["lane"])
REFUSED = Counter("hub_lane_refused_total", "Calls to a neighbour that its lane could not take", ["lane"])
RETRY_AFTER_S = 2


class Lane:
    """`size()` calls at once; one that finds no room waits for `patience_s` and is then refused. With `most_waiting`, no
    more than so many wait, each of them in a thread of HTTP; the next is refused at once.

    `time_s`: what all calls of one visit to the neighbour may take together; `time_left` divides it among them. A thread
    that is inside may enter again: its inner calls share its place.
    """

    def __init__(
        self,
        name: str,
        size: Callable[[], int],
        *,
        patience_s: float = 0.0,
        time_s: float = 7.0,
        most_waiting: Callable[[], int] | None = None,
    ) -> None:
        self.name, self.size, self.patience_s, self.time_s = name, size, patience_s, time_s
        self.most_waiting = most_waiting
        self.changed = threading.Condition()
        self.busy = self.waiting = 0
        self.visit = threading.local()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Takes a place for the `with` block. Raises `unavailable` with `params.retry_after`, and nothing was done."""
        if self.is_inside:
            yield
            return
        self._take_place()
        self.visit.until = time.monotonic() + self.time_s
        try:
            yield
        finally:
            self.visit.until = None
            self._leave_place()

    @property
    def is_inside(self) -> bool:
        """Whether this thread has a place."""
        return getattr(self.visit, "until", None) is not None

    @property
    def is_late(self) -> bool:
        """Whether this thread's visit has taken all its time."""
        return self.is_inside and time.monotonic() >= self.visit.until

    def time_left(self, most: float, *, least: float = 0.5) -> float:
        """The seconds that the next call of this visit may take; `most` where this thread has no place."""
        if not self.is_inside:
            return most
        return max(least, min(most, self.visit.until - time.monotonic()))

    def _take_place(self) -> None:
        with self.changed:
            if not (self._has_room() or self._wait()):
                REFUSED.labels(self.name).inc()
                raise DomainError(Code.UNAVAILABLE, params={"retry_after": RETRY_AFTER_S})
            self.busy += 1
        BUSY.labels(self.name).inc()

    def _has_room(self) -> bool:
        return self.busy < self.size()

    def _wait(self) -> bool:
        """Whether room was made in time."""
        if self.most_waiting is not None and self.waiting >= self.most_waiting():
            return False
        self.waiting += 1
        try:
            return self.changed.wait_for(self._has_room, self.patience_s)
        finally:
            self.waiting -= 1

    def _leave_place(self) -> None:
        with self.changed:
            self.busy -= 1
            self.changed.notify()
        BUSY.labels(self.name).dec()


def share(eighths: int) -> Callable[[], int]:
    """That many eighths of the HTTP threads, at least one, so that all lanes together leave some threads free."""
    return lambda: max(1, settings.HTTP_THREADS * eighths // 8)


# A gateway answers within a second as a rule, so that the few who pay in the same moment wait for each other; with a gateway
# that hangs, a visit and the wait before it are over before the request's nine seconds are.
payments = Lane("payments", share(3), patience_s=1.5, time_s=7.0, most_waiting=share(2))
storage = Lane("storage", share(2), patience_s=1.0, time_s=5.0, most_waiting=share(2))
# Seconds each, and they never hang either.
pictures = Lane("pictures", share(2), patience_s=4.0, most_waiting=share(2))
# 100 MB each while they are computed (Argon2's own default); they never hang, so that waiting a little is worth it.
passwords = Lane("passwords", lambda: 2, patience_s=4.0)
