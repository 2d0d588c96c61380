"""Pauses of a guest who did not pay or held nights repeatedly: they neither open nor reserve on that property.

| what                                                                    | pause                                      |
|-------------------------------------------------------------------------|--------------------------------------------|
| an agreed stay was not paid in time                                     | 7 days from its deadline                   |
| three holds that ran out, or were cancelled unpaid, within 24 hours     | 24 hours from the third                    |
| each further one until a week after that pause                          | twice as long as the one before, to 7 days |

No limit factor. Source: docs/rest.md, "Booking".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

UNPAID_PAUSE = timedelta(days=7)
FREE_HOLDS = 3
WITHIN = timedelta(hours=24)
FIRST_PAUSE = timedelta(hours=24)
LONGEST_PAUSE = timedelta(days=7)
FORGIVEN_AFTER = timedelta(days=7)
# Older events do not count: this is longer than the longest pause and the time after which it is forgiven.
LOOKED_BACK = timedelta(days=30)


def held_pause_ends(ends: Iterable[datetime]) -> datetime | None:
    """Until when a guest is paused by holds that ended unpaid at these moments; None without a pause."""
    moments = sorted(ends)
    until: datetime | None = None
    pause = FIRST_PAUSE
    for n, moment in enumerate(moments):
        if until is not None and moment <= until + FORGIVEN_AFTER:
            pause = min(pause * 2, LONGEST_PAUSE)
        elif n + 1 >= FREE_HOLDS and moments[n - FREE_HOLDS + 1] > moment - WITHIN:
            pause = FIRST_PAUSE
        else:
            continue
        until = max(until or moment, moment + pause)
    return until


def pause_ends(*, unpaid: Iterable[datetime], held: Iterable[datetime]) -> datetime | None:
    """Until when a guest is paused: `unpaid` are deadlines of agreed stays, `held` the ends of holds."""
    found = [held_pause_ends(held), *(moment + UNPAID_PAUSE for moment in unpaid)]
    return max((until for until in found if until is not None), default=None)
