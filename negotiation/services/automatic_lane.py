"""Automatic declines at their own drawn moments, between two passes of the clock too (rule 8).

A pass comes every few seconds: answers that came with it would tell that no person gave them.
"""

from __future__ import annotations

import threading

import structlog
from django.db import Error, close_old_connections, connection

from core import clock
from negotiation.services.jobs import decline_automatically, next_automatic_decline

log = structlog.get_logger(__name__)

# How long a decline that was drawn meanwhile is not known of; none is drawn for less than ten seconds ahead.
LOOK_EVERY_S = 2.0
# One that is due and whose row another transaction holds is looked at again after this time.
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
