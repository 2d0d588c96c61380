"""Deadlines of many short jobs with one timer: a timer for each job costs more than most of them take on the event loop."""

from __future__ import annotations

import asyncio
from typing import Protocol

# Seconds. A timer may ring so much early, since loops round their time.
EARLY_S = 0.002


class Bounded(Protocol):
    """What has a deadline."""

    def give_up(self) -> None:
        """Is called once the time is over."""


class Deadlines:
    """The jobs of one event loop that all have the same number of seconds. Only that loop may call it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self.loop, self.seconds = loop, seconds
        # In the order of their deadlines, because all have the same time.
        self.ends_at: dict[Bounded, float] = {}
        self.timer: asyncio.TimerHandle | None = None

    def add(self, job: Bounded) -> None:
        """Starts the time of a job."""
        ends_at = self.ends_at[job] = self.loop.time() + self.seconds
        if self.timer is None:
            self.timer = self.loop.call_at(ends_at, self.ring)

    def remove(self, job: Bounded) -> None:
        """Forgets a job, which has ended; does nothing where its time is over."""
        self.ends_at.pop(job, None)

    def ring(self) -> None:
        """Gives up all jobs whose time is over, and waits for the next of those that are left."""
        self.timer, now = None, self.loop.time()
        try:
            for job, ends_at in tuple(self.ends_at.items()):
                if ends_at > now + EARLY_S:
                    return
                del self.ends_at[job]
                job.give_up()
        finally:  # also where a job fails, so that the others end in their time
            if self.ends_at and self.timer is None:
                self.timer = self.loop.call_at(next(iter(self.ends_at.values())), self.ring)
