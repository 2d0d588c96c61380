"""A crew of threads, of which no more work at once than is good for quick jobs.

Python runs one thread at a time. Where eight threads have quick jobs they mostly hand its lock to each other, and two answer
more requests a second. But a few slow jobs must never hold up the quick ones: a thread whose job takes longer than `QUICK_S`
does not count, so another begins in its place. And where the jobs wait for a distant database, and the process leaves its
processor idle, more threads work at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

J = TypeVar("J")
# Seconds after which a job is slow.
QUICK_S = 0.025
# The process's CPU seconds a second, below which one thread more works at once, and above which one less does.
IDLE, FULL = 0.6, 0.85


class Worker(Generic[J]):
    """A thread of the crew, the moment at which it began its job, and the way to give it one while it rests."""

    __slots__ = ("began_at", "given", "thread")

    def __init__(self, work: Callable[[Worker[J]], None], name: str) -> None:
        self.given: queue.SimpleQueue[J | None] = queue.SimpleQueue()
        self.began_at = 0.0
        self.thread = threading.Thread(target=work, args=(self,), name=name, daemon=True)


class Crew(Generic[J]):
    """`size` daemon threads that call `do` for each job, and `end` when they leave.

    Jobs that no thread may begin yet wait in line. While there are any, the owner calls `look` every `QUICK_S`.
    """

    def __init__(self, size: int, at_once: int, name: str, do: Callable[[J], None], end: Callable[[], None]) -> None:
        self.size, self.do, self.end = size, do, end
        self.least = self.at_once = min(at_once, size)
        self.lock = threading.Lock()
        self.waiting: deque[J] = deque()
        self.working: set[Worker[J]] = set()
        self.is_leaving = False
        self.looked_at = self.used_s = 0.0
        self.workers = [Worker(self.work, f"{name}-{number}") for number in range(size)]
        # The last to rest is the first to work again: its memory is still in the processor's caches.
        self.resting = list(self.workers)
        for worker in self.workers:
            worker.thread.start()

    # -- from the owner's side ---------------------------------------------------------------------------------------

    def give(self, job: J) -> bool:
        """Gives the job to a thread, or lets it wait. Returns whether any job waits."""
        with self.lock:
            self.waiting.append(job)
            return self.hand_out()

    def begin_to_look(self) -> None:
        """Notes the time from which `look` reckons what the process uses."""
        self.looked_at, self.used_s = time.monotonic(), time.process_time()

    def look(self) -> bool:
        """Gives waiting jobs to resting threads, where others are slow or the processor is idle. Returns whether any job waits."""
        before_at, before_s = self.looked_at, self.used_s
        self.begin_to_look()
        with self.lock:
            self.adapt(self.used_s - before_s, self.looked_at - before_at)
            return self.hand_out()

    def leave(self, timeout: float) -> None:
        """Lets the threads finish all jobs, those in line too, and ends them; waits so many seconds at the most."""
        with self.lock:
            self.is_leaving = True
            resting, self.resting = self.resting, []
        for worker in resting:
            worker.given.put(None)
        deadline = time.monotonic() + timeout
        for worker in self.workers:
            worker.thread.join(max(0.0, deadline - time.monotonic()))

    # -- with the lock -----------------------------------------------------------------------------------------------

    def adapt(self, used_s: float, elapsed_s: float) -> None:
        """Lets one thread more or less work at once, by the CPU seconds that the process used while jobs waited."""
        if used_s < IDLE * elapsed_s:
            self.at_once = min(self.at_once + 1, self.size)
        elif used_s > FULL * elapsed_s:
            self.at_once = max(self.at_once - 1, self.least)

    def hand_out(self) -> bool:
        """Wakes resting threads for waiting jobs. Returns whether any job still waits."""
        while self.waiting and self.resting and self.has_room():
            worker = self.resting.pop()
            worker.given.put(self.begin(worker))
        return bool(self.waiting)

    def has_room(self) -> bool:
        """Whether fewer threads than `at_once` work at quick jobs."""
        if len(self.working) < self.at_once:
            return True
        slow_since = time.monotonic() - QUICK_S
        return sum(worker.began_at > slow_since for worker in self.working) < self.at_once

    def begin(self, worker: Worker[J]) -> J:
        """Takes the job for the worker that has waited longest."""
        worker.began_at = time.monotonic()
        self.working.add(worker)
        return self.waiting.popleft()

    # -- from the threads' side --------------------------------------------------------------------------------------

    def work(self, worker: Worker[J]) -> None:
        """Does one job after the other: the loop of a thread."""
        job = worker.given.get()
        while job is not None:
            self.do(job)
            del job  # a thread at rest must not keep a result in memory
            job = self.next(worker)
        self.end()

    def next(self, worker: Worker[J]) -> J | None:
        """Returns the worker's next job, without a rest where one waits; None where the threads leave."""
        with self.lock:
            self.working.discard(worker)
            if self.waiting and (self.is_leaving or self.has_room()):
                return self.begin(worker)
            if self.is_leaving:
                return None
            self.resting.append(worker)
        return worker.given.get()
