"""Things that happen at the same moment, in threads with database connections of their own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

LONGEST_S = 60


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call returned, in their order; all start at once. Raises what one of them raised."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            start.wait(LONGEST_S)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(LONGEST_S) for future in [threads.submit(run, call) for call in calls]]
