"""Keeps the garbage collector's pauses short, however many sockets a process has.

Python visits all objects whenever their number has grown by a quarter. With 2,000 sockets that stops every user of the process for
a tenth of a second, with 20,000 for a second. Here the objects that a run of the oldest generation leaves are frozen, that is, no
later run visits them, and a pause depends on the new objects alone. A frozen object is freed as any other when nothing refers to
it; only a circle of frozen objects that refer to each other waits for a full run, which comes while the process is quiet.
"""

from __future__ import annotations

import gc
import time
from typing import Any

# The number of new objects after which the youngest generation is collected (a connection makes some forty), the number of these
# runs after which the next one is, and the number of those after which the oldest one is. It then has 60,000 objects at most.
NEW, RUNS, OLDER_RUNS = 3000, 5, 4
# A process is quiet where it used less than this share of a core for so many seconds.
QUIET, QUIET_S = 0.1, 5.0
# Seconds after which a full run comes once the process is quiet, and after which it comes in any case.
FULL_S, FULL_AT_LAST_S = 600.0, 3600.0


def freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    """Freezes what a run of the oldest generation has left; Python calls it at each run of the collector."""
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


def collect_all() -> None:
    """Visits all objects, and frees the circles among them that nothing refers to."""
    gc.unfreeze()
    gc.collect()  # `freeze_survivors` comes with it
    # Python compares new objects with the number that the last run has left, so there has to be one that leaves few.
    gc.collect()


def start_collecting() -> None:
    """Freezes all objects that are loaded by now, and collects garbage from here on."""
    gc.callbacks.append(freeze_survivors)
    collect_all()
    gc.set_threshold(NEW, RUNS, OLDER_RUNS)
    gc.enable()


class FullRuns:
    """Decides when the next full run comes. `now` and `used` are seconds: of a clock, and of CPU that the process has used."""

    def __init__(self, now: float, used: float) -> None:
        self.last = self.quiet_since = self.seen = now
        self.used = used

    def is_due(self, now: float, used: float) -> bool:
        """Whether a full run is due; called about once a second."""
        if used - self.used > QUIET * (now - self.seen):
            self.quiet_since = now
        self.seen, self.used = now, used
        waited, quiet = now - self.last, now - self.quiet_since >= QUIET_S
        if waited < FULL_S or (waited < FULL_AT_LAST_S and not quiet):
            return False
        self.last = now
        return True

    def tick(self) -> None:
        """Makes a full run where one is due."""
        if self.is_due(time.monotonic(), time.process_time()):
            collect_all()
