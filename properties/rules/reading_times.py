"""When a calendar of another site is read next, and what is believed of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST = timedelta(hours=6)
A_DAY = timedelta(days=1)
# The spread of the time between two readings, so that calendars that are due together drift apart.
SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """The operator's figures: between two readings; until an empty one is believed; until the host is told of failing."""

    every: timedelta
    empty: timedelta
    failed: timedelta


def after_success(now: datetime, pace: Pace, chance: float) -> datetime:
    """When a calendar is read after a success; `chance` is uniform in [0, 1)."""
    return now + pace.every * (1 + SPREAD * (2 * chance - 1))


def after_failure(now: datetime, failures: int, failing_from: datetime, pace: Pace, chance: float) -> datetime:
    """When a calendar is read after a failure: the pause doubles up to six hours, but ends when the host is to be told.

    `failures` counts the one that just was; `failing_from` is the last good reading, or when the calendar was added.
    """
    wait = min(pace.every * 2 ** min(failures, 20), max(SLOWEST, pace.every))
    due = now + wait * (1 + SPREAD * (2 * chance - 1))
    tell = failing_from + pace.failed
    return min(due, tell) if tell > now else due


def is_told(now: datetime, failing_from: datetime, pace: Pace) -> bool:
    """Whether it has failed so long that the host is told."""
    return now >= failing_from + pace.failed


def believes_empty(now: datetime, empty_since: datetime | None, pace: Pace) -> bool:
    """Whether a calendar that had events and now has none is believed: at a second reading, some time later."""
    return empty_since is not None and now >= empty_since + pace.empty


def after_empty(now: datetime, empty_since: datetime, pace: Pace, chance: float) -> datetime:
    """When an empty calendar is read again: as soon as it would be believed, or at the usual time if that is sooner."""
    return min(after_success(now, pace, chance), max(empty_since + pace.empty, now + timedelta(seconds=1)))
