"""Several threads at one moment, each with a database connection of its own, as requests have."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from core.errors import DomainError

WAIT_S = 60


def at_once(*jobs: Callable[[], Any]) -> Sequence[Any]:
    """What each job answered, in their order; a refusal is answered by its code, anything else is raised here."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(WAIT_S)
            return job()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(WAIT_S) for future in [pool.submit(run, job) for job in jobs]]
