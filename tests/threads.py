"""Several threads at one moment, each with a database connection of its own, as requests have."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import Error, connection

from core.errors import DomainError

WAIT_S = 60
# Threads and their connections stay, as a server's do: PostgreSQL takes longer for a new one than for most of the jobs.
POOL = ThreadPoolExecutor(100, thread_name_prefix="at-once")


def at_once(*jobs: Callable[[], Any]) -> Sequence[Any]:
    """What each job answered, in their order; a refusal is answered by its code, anything else is raised here.

    A hundred jobs at the most.
    """
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            ready()
            barrier.wait(WAIT_S)
            return job()
        except DomainError as error:
            return error.code
        finally:
            settle()

    return [future.result(WAIT_S) for future in [POOL.submit(run, job) for job in jobs]]


def ready() -> None:
    """This thread has a connection that is alive: the tests in between may have ended it."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    connection.ensure_connection()


def settle() -> None:
    """What this thread's connection counted is seen by all, and it keeps nothing; one that is in the middle of something ends."""
    try:
        if connection.in_atomic_block or not connection.get_autocommit():
            raise Error
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all(), pg_stat_force_next_flush()")
    except Error:
        connection.close()
