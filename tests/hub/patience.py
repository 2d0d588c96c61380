"""Waiting for what another process does."""

import threading
import time
from collections.abc import Callable


def until(true: Callable[[], bool], timeout: float = 15, every: float = 0.05) -> None:
    """Asks again and again. Raises TimeoutError."""
    deadline, pause = time.monotonic() + timeout, threading.Event()
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come true")
        pause.wait(every)
