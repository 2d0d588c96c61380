"""Waiting for another process, bounded: the test goes on the moment the thing is true."""

import select
import time
from collections.abc import Callable

LOOK_S = 0.02


def until(true: Callable[[], object], seconds: float = 30) -> None:
    """Comes back once `true()` is; fails after `seconds`. The pause between two looks only spares the processor."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        select.select([], [], [], LOOK_S)
