"""The threads in which a server process talks to its database, each with one persistent connection.

`database_sync_to_async` does not fit: its default is one thread for the whole process, and a thread of a shared pool opens
and drops connections with the tasks that use it. Here there are always exactly as many connections as threads.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections
from prometheus_client import Gauge

from core.claimable import Claimable
from core.database.crew import QUICK_S, Crew
from core.database.cutting import Call, patience_s
from core.database.deadlines import Deadlines
from core.database.errors import absence
from core.environment import whole
from core.errors import Code, DomainError

log = logging.getLogger(__name__)
T = TypeVar("T")

DB_THREADS = whole("DB_THREADS", 6, least=1)
MAX_WAITING = 2000
# The longest wait of a caller (seconds): shorter than the ten seconds after which a client considers the hub dead.
WAIT_S = 9.0
# Seconds after which the event loop looks at jobs whose callers do not wait for it.
SOON_S = 0.01

# What is called with a job's result, or with its error.
OnEnd = Callable[[Any, BaseException | None], None]


class Later:
    """A result that its caller has already. What is left to do on the event loop may be done together with others' (`SOON_S`)."""


class Called:
    """Stands for a job's future where its caller is called at once, in place of being woken in the event loop's next turn.

    It is called for every outcome: for the result, too, of a job that was given up.
    """

    __slots__ = ("on_end",)

    def __init__(self, on_end: OnEnd) -> None:
        self.on_end = on_end

    def done(self) -> bool:
        return False

    def set_result(self, result: Any) -> None:
        self.on_end(result, None)

    def set_exception(self, error: BaseException) -> None:
        self.on_end(None, error)


class Job(Claimable):
    """A call on its way to a thread. Either a thread claims it in time, or its time runs out and it never begins."""

    __slots__ = ("args", "call", "deadlines", "fn", "future", "is_overdue", "loop", "threads")

    def __init__(
        self, threads: DbThreads, fn: Callable[..., Any], args: tuple[Any, ...], loop: asyncio.AbstractEventLoop,
        wait_s: float | None = None, on_end: OnEnd | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.threads, self.fn, self.args, self.loop = threads, fn, args, loop
        self.future: Any = loop.create_future() if on_end is None else Called(on_end)
        # The call of the thread that runs this job, by which it can be cut.
        self.call: Call | None = None
        self.is_overdue = False
        self.deadlines = threads.deadlines_in(loop, WAIT_S if wait_s is None else wait_s)
        self.deadlines.add(self)

    def give_up(self) -> None:
        """Gives the job up. A job that has not begun never begins; the outcome of one that has begun is unknown."""
        begun = not self.claim()
        if begun and not self.future.done():
            self.is_overdue = True
            self.threads.overdue += 1
            self.loop.call_later(patience_s(WAIT_S) - WAIT_S, self.cut)
        if not self.future.done():
            self.future.set_exception(DomainError(Code.COMMAND_OUTCOME_UNKNOWN if begun else Code.UNAVAILABLE))

    def drop(self) -> bool:
        """Drops the job of a caller that is gone. Returns True where the job had not begun, and now never will."""
        if not self.claim():
            return False
        self.deadlines.remove(self)
        return True

    def cut(self) -> None:
        """Frees the job's thread from a database that does not answer."""
        if self.call is not None:
            self.call.cut()

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Gives the caller its result, if the caller still waits. It runs on the event loop."""
        self.deadlines.remove(self)
        if self.is_overdue:
            self.threads.overdue -= 1
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class DbThreads:
    """`size` daemon threads, of which `at_once` work at quick jobs (core.database.crew). They start with the first job."""

    def __init__(
        self, size: int = DB_THREADS, *, name: str = "db", longest_queue: int = MAX_WAITING, at_once: int | None = None
    ) -> None:
        self.size, self.name, self.longest_queue = size, name, longest_queue
        self.at_once = size if at_once is None else at_once
        self.crew: Crew[Job] | None = None
        self.looks_again: asyncio.TimerHandle | None = None
        self.lock = threading.Lock()
        # Jobs whose callers have their results, and whether the event loop will soon look at them.
        self.ended: deque[tuple[Job, Later]] = deque()
        self.is_due = False
        self.deadlines: dict[float, Deadlines] = {}
        self.busy = 0
        # Number of running jobs whose callers have given up, and which still occupy a thread.
        self.overdue = 0
        self.done = 0
        self.failed = 0

    @property
    def waiting(self) -> int:
        """The number of jobs that no thread has taken yet."""
        return len(self.crew.waiting) if self.crew else 0

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """Runs `fn(*args)` in one of the threads.

        Raises `unavailable` where the database does not answer, too many jobs wait already, or no thread took the job within
        `WAIT_S` seconds; `command.outcome_unknown` where it had begun and the database went away, or no result came in time.
        """
        result: T = await self.submit(fn, *args).future
        return result

    def submit(self, fn: Callable[..., T], *args: Any, wait_s: float | None = None, on_end: OnEnd | None = None) -> Job:
        """Queues the call. Its caller waits `wait_s` seconds, by default `WAIT_S`, for the future of the job, or for `on_end`.

        Raises `unavailable` at once where waiting would be in vain.
        """
        if self.waiting >= self.longest_queue or self.overdue >= self.size:
            raise DomainError(Code.UNAVAILABLE)
        crew = self.start()
        job = Job(self, fn, args, asyncio.get_running_loop(), wait_s, on_end)
        if crew.give(job) and self.looks_again is None:
            crew.begin_to_look()
            self.look_again(job.loop)
        return job

    def deadlines_in(self, loop: asyncio.AbstractEventLoop, wait_s: float) -> Deadlines:
        """The deadlines of jobs of this loop whose callers wait so many seconds."""
        deadlines = self.deadlines.get(wait_s)
        if deadlines is None or deadlines.loop is not loop:
            deadlines = self.deadlines[wait_s] = Deadlines(loop, wait_s)
        return deadlines

    def look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self.looks_again = loop.call_later(QUICK_S, self.look, loop)

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Looks after the waiting jobs, again and again as long as there are any."""
        self.looks_again = None
        if self.crew and self.crew.look():
            self.look_again(loop)

    def start(self) -> Crew[Job]:
        """Starts the threads, if they do not run yet."""
        with self.lock:
            if self.crew is None:
                self.crew = Crew(self.size, self.at_once, self.name, self.take, connections.close_all)
            return self.crew

    def stop(self, timeout: float = 5.0) -> None:
        """Lets running jobs finish, closes the connections and ends the threads; a later job starts them again."""
        with self.lock:
            crew, self.crew = self.crew, None
        # The loop may have ended with a look still due.
        self.looks_again, self.is_due = None, False
        if crew is not None:
            crew.leave(timeout)

    def take(self, job: Job) -> None:
        """Does a job that still counts, in a database thread."""
        if job.future.done() or not job.claim():
            return
        # This checks the socket, and makes a query after a rest, so that no job gets a connection that is dead already.
        for one in connections.all(initialized_only=True):
            one.close_if_unusable_or_obsolete()
        connection.close_if_health_check_failed()
        self.do(job)

    def do(self, job: Job) -> None:
        """Runs a job, and gives its result to the event loop that asked."""
        result: Any = None
        error: BaseException | None = None
        with self.lock:
            self.busy += 1
        call = job.call = Call()
        try:
            result = job.fn(*job.args)
        except DomainError as refusal:
            error = refusal
        except (OperationalError, InterfaceError) as failure:
            error = self.lost(failure)
        except BaseException as failure:
            error = failure
            connection.close_if_unusable_or_obsolete()
        call.end()
        with self.lock:
            self.busy -= 1
            self.done += 1
        try:
            self.hand_over(job, result, error)
        except RuntimeError:
            log.debug("the loop that asked is gone")

    def hand_over(self, job: Job, result: Any, error: BaseException | None) -> None:
        """Gives a job's outcome to the event loop that waits for it. Raises RuntimeError where that loop has ended."""
        if not isinstance(result, Later):
            job.loop.call_soon_threadsafe(job.settle, result, error)
            return
        # Waking the loop takes Python's lock from the other threads, so it is woken once for all of some milliseconds.
        self.ended.append((job, result))
        if not self.is_due:
            self.is_due = True
            job.loop.call_soon_threadsafe(job.loop.call_later, SOON_S, self.settle_ended)

    def settle_ended(self) -> None:
        self.is_due = False
        while self.ended:
            job, result = self.ended.popleft()
            job.loop.call_soon(job.settle, result, None)

    def lost(self, failure: Exception) -> DomainError:
        """Returns the refusal for a caller whose job lost the database."""
        log.warning("the database did not answer: %s", str(failure).strip())
        connection.close()
        with self.lock:
            self.failed += 1
        return absence(failure)


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
    """Runs `fn(*args)` in one of this process's database threads; raises as `DbThreads.run`."""
    return await threads.run(fn, *args)
