"""Ends a thread's wait for a database that does not answer.

A server that was stopped, or whose machine hangs, keeps its connections open: the server's own time limits do not fire,
and libpq has no limit for an answer. Therefore another thread shuts the socket down, and the wait ends with an error.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections import deque
from typing import Any, ClassVar

from django.conf import settings

from core.database.errors import begin_call

log = logging.getLogger(__name__)
# Seconds after the statement's own limit; a working server has answered by then.
GRACE_S = 2.0


class Call:
    """The call that a thread is making. Another thread may cut it."""

    __slots__ = ("is_over", "lock", "wrappers")

    def __init__(self) -> None:
        self.wrappers = begin_call()
        self.lock = threading.Lock()
        self.is_over = False

    def end(self) -> None:
        """Ends the call. From now on it can't be cut, since the thread goes on with other work."""
        with self.lock:
            self.is_over = True

    def cut(self) -> None:
        """Shuts down the thread's connections; does nothing where the call has ended."""
        with self.lock:
            if not self.is_over:
                for wrapper in self.wrappers:
                    shut_down(wrapper.connection)


def shut_down(raw: Any) -> None:
    """Closes both directions of a psycopg2 connection's socket; a thread that waits for it gets an error."""
    with contextlib.suppress(Exception):  # there is no connection, or it was closed meanwhile
        descriptor = os.dup(raw.fileno())
        with socket.socket(fileno=descriptor) as same:
            log.warning("a database that does not answer: its connection is cut")
            same.shutdown(socket.SHUT_RDWR)


class Alarm:
    """Cuts the connection `raw` after a fixed time, unless it is stopped first. One thread of the process serves all alarms.

    All alarms wait equally long, so they ring in the order in which they were set.
    """

    SECONDS = 2.5
    waiting: ClassVar[deque[Alarm]] = deque()
    changed: ClassVar[threading.Condition] = threading.Condition()
    ringer: ClassVar[threading.Thread | None] = None

    def __init__(self, raw: Any) -> None:
        self.raw, self.rings_at = raw, time.monotonic() + self.SECONDS
        with Alarm.changed:
            Alarm.waiting.append(self)
            if Alarm.ringer is None:
                Alarm.ringer = threading.Thread(target=Alarm.ring_all, name="alarms", daemon=True)
                Alarm.ringer.start()
            Alarm.changed.notify()

    def stop(self) -> None:
        """Stops the alarm."""
        with Alarm.changed:
            self.raw = None

    @classmethod
    def ring_all(cls) -> None:
        """Cuts connections whose time is over, for ever: the loop of the alarms' thread."""
        with cls.changed:
            while True:
                if not cls.waiting:
                    cls.changed.wait()
                elif (left := cls.waiting[0].rings_at - time.monotonic()) > 0 and cls.waiting[0].raw is not None:
                    cls.changed.wait(left)
                else:
                    first = cls.waiting.popleft()
                    if first.raw is not None:
                        shut_down(first.raw)


def patience_s(most: float) -> float:
    """Returns the seconds after which a call is cut: more than `most`, and more than the longest statement may take."""
    return max(most, settings.STATEMENT_TIMEOUT_MS / 1000) + GRACE_S
