"""Gives automatic declines at their drawn moments, also between two ticks of the clock (rule 8).

The clock ticks every few seconds: answers that came with a tick would reveal that no person gave them.
"""

from __future__ import annotations

import threading

import structlog
from django.db import Error, close_old_connections, connection

from core import clock
from negotiation.services.jobs import decline_automatically, next_automatic_decline

log = structlog.get_logger(__name__)

# How long the lane may not know of a newly drawn decline; none is drawn for less than ten seconds ahead.
LOOK_EVERY_S = 2.0
# A due decline whose row another transaction holds is tried again after this time.
LEAST_S = 0.05


def serve(stop: threading.Event) -> None:
    """Answers until `stop` is set."""
    while not stop.is_set():
        stop.wait(_due_in())
        if not stop.is_set():
            close_old_connections()
            drain()
    connection.close()


def drain() -> int:
    """Gives the answers that are due now. Returns how many."""
    try:
        return decline_automatically(clock.now())
    except Error as error:
        log.warning("automatic answers wait for the database", error=str(error))
        return 0


def _due_in() -> float:
    """Seconds to wait before the next look."""
    close_old_connections()
    try:
        at = next_automatic_decline()
    except Error:
        connection.close()
        return LOOK_EVERY_S
    left = LOOK_EVERY_S if at is None else (at - clock.now()).total_seconds()
    return min(LOOK_EVERY_S, max(LEAST_S, left))
