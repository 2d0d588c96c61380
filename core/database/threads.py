"""The threads in which a server process talks to its database, each with one persistent connection.

Why not `database_sync_to_async`: its default is one thread for the whole process, and a thread of a shared pool opens
and drops connections with the tasks that use it. Here the number of connections is the number of threads, always.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection
from prometheus_client import Gauge

from core.errors import Code, DomainError

log = logging.getLogger(__name__)
T = TypeVar("T")

DB_THREADS = max(1, int(os.environ.get("DB_THREADS", "6")))
MAX_WAITING = 2000
# No caller waits longer; below the ten seconds after which somebody would take the hub for dead.
WAIT_S = 9.0
# A connection that rested this long is asked whether it still lives before it gets a job.
RESTED_S = 3.0


class Job:
    """A call on its way through the threads; whoever takes `claimed` first decides what becomes of it."""

    __slots__ = ("args", "fn", "future", "loop", "queued_at", "timer")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], loop: asyncio.AbstractEventLoop) -> None:
        self.fn, self.args, self.loop = fn, args, loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.queued_at = time.monotonic()
        self.timer = loop.call_later(WAIT_S, self.give_up)

    def give_up(self) -> None:
        """The caller has waited enough; a job that has not begun by now is never begun."""
        if not self.future.done():
            self.future.set_exception(DomainError(Code.UNAVAILABLE))

    def settle(self, result: Any, error: BaseException | None) -> None:
        """On the loop: hands the caller its result, if it still waits."""
        self.timer.cancel()
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class DbThreads:
    """`size` daemon threads and the queue before them; they start with the first job."""

    def __init__(self, size: int = DB_THREADS) -> None:
        self.size = size
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.threads: list[threading.Thread] = []
        self.lock = threading.Lock()
        # Raised by the first thread that meets a dead connection, so that the others look at theirs.
        self.alarm = 0
        self.busy = 0
        self.done = 0
        self.failed = 0

    @property
    def waiting(self) -> int:
        """Jobs that no thread has taken yet."""
        return self.jobs.qsize()

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """`fn(*args)` in one of the threads.

        Raises `unavailable` where the database does not answer, too much waits already, or nothing came in `WAIT_S`.
        """
        if self.jobs.qsize() >= MAX_WAITING:
            raise DomainError(Code.UNAVAILABLE)
        if not self.threads:
            self.start()
        job = Job(fn, args, asyncio.get_running_loop())
        self.jobs.put(job)
        result: T = await job.future
        return result

    def start(self) -> None:
        """Starts the threads, once."""
        with self.lock:
            while len(self.threads) < self.size:
                thread = threading.Thread(target=self.work, name=f"db-{len(self.threads)}", daemon=True)
                self.threads.append(thread)
                thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Lets running jobs finish, closes the connections and ends the threads; a later job starts them anew."""
        with self.lock:
            threads, self.threads = self.threads, []
        for _ in threads:
            self.jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def work(self) -> None:
        """A thread's life."""
        seen, rested_since = self.alarm, time.monotonic()
        while (job := self.jobs.get()) is not None:
            if job.future.done():
                continue
            if connection.errors_occurred:  # also where the job made something of the error itself
                self.raise_alarm()
            if seen != self.alarm or time.monotonic() - rested_since > RESTED_S:
                seen = self.alarm
                connection.close_if_unusable_or_obsolete()
            self.do(job)
            rested_since = time.monotonic()
        connection.close()

    def do(self, job: Job) -> None:
        """One job, and its result to the loop that asked."""
        result: Any = None
        error: BaseException | None = None
        with self.lock:
            self.busy += 1
        try:
            result = job.fn(*job.args)
        except DomainError as refusal:
            error = refusal
        except (OperationalError, InterfaceError) as failure:
            error = self.lost(failure)
        except BaseException as failure:
            error = failure
            connection.close_if_unusable_or_obsolete()
        with self.lock:
            self.busy -= 1
            self.done += 1
        hand_over(job, result, error)

    def lost(self, failure: Exception) -> DomainError:
        """What the caller is told when the database went away under its job."""
        log.warning("the database did not answer: %s", str(failure).strip())
        self.raise_alarm()
        refusal = DomainError(Code.UNAVAILABLE)
        refusal.__cause__ = failure
        return refusal

    def raise_alarm(self) -> None:
        """Every thread looks at its connection before its next job."""
        with self.lock:
            self.alarm += 1
            self.failed += 1


def hand_over(job: Job, result: Any, error: BaseException | None) -> None:
    """Gives a job's outcome to the loop that waits for it, from a database thread."""
    try:
        job.loop.call_soon_threadsafe(job.settle, result, error)
    except RuntimeError:
        log.debug("the loop that asked is gone")


threads = DbThreads()
RUNNING = Gauge("hub_db_jobs_running", "Database threads of this process at work")
WAITING = Gauge("hub_db_jobs_waiting", "Jobs that no database thread has taken yet")
SIZE = Gauge("hub_db_threads", "Database threads of this process")
FAILED = Gauge("hub_db_failures", "Jobs since the start that met a database that did not answer")
RUNNING.set_function(lambda: threads.busy)
WAITING.set_function(lambda: threads.waiting)
SIZE.set_function(lambda: threads.size)
FAILED.set_function(lambda: threads.failed)


async def run_in_db(fn: Callable[..., T], *args: Any) -> T:
    """`fn(*args)` in one of this process's database threads; see `DbThreads.run`."""
    return await threads.run(fn, *args)
