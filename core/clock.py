"""The only reader of the clock. Doors take `now` here and hand it down as an argument."""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime
from datetime import time as hour
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson

log = logging.getLogger(__name__)


# A difference of two machines' clocks up to this is not corrected.
TOLERATED_S = 1.0

# Seconds by which this machine is ahead of the database's, as far as that is corrected for.
_ahead_s = 0.0


def machine() -> float:
    """This machine's own clock in Unix seconds, for comparing it with another."""
    return time.time()


def agree(ahead_s: float) -> None:
    """Makes this process use the database's clock, which all processes share: so a ticket that one made is good at another.
    `ahead_s` is by how many seconds this machine was found to be ahead."""
    global _ahead_s
    corrected = ahead_s if abs(ahead_s) > TOLERATED_S else 0.0
    if abs(corrected - _ahead_s) > TOLERATED_S:
        log.warning("this machine's clock is %.1f s ahead of the database's: does its NTP run?", corrected)
    _ahead_s = corrected


def now() -> datetime:
    """The present moment, UTC, in whole milliseconds: what clients are told is exactly what is stored."""
    return datetime.fromtimestamp(int(unix() * 1000) / 1000, UTC)


def unix() -> float:
    """The present moment in Unix seconds, for what is compared across processes."""
    return machine() - _ahead_s


# A move's moment stands in its offer, its entry and its notifications.
@lru_cache(maxsize=1024)
def stamp(moment: datetime) -> str:
    """ISO 8601 UTC with milliseconds and `Z`, the form of every time on the wire."""
    # orjson writes a moment in a third of the time of `isoformat`, in quotes, with six decimals or none.
    quoted = orjson.dumps(moment.astimezone(UTC)).decode()
    return f"{quoted[1:24]}Z" if moment.microsecond else f"{quoted[1:20]}.000Z"


def at_wall_time(day: date, at: hour, zone: str) -> datetime:
    """The instant at which clocks in `zone` (an IANA name) show `at` on `day`.

    Every deadline and every check-in in local hours comes from here, by one table of zones
    (core/timezones.py): PostgreSQL and the system may carry others.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The date in `zone` at `moment`."""
    return moment.astimezone(ZoneInfo(zone)).date()
