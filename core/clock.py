"""The only reader of the clock. Doors take `now` here and hand it down as an argument."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from datetime import time as hour
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, UTC, in whole milliseconds: what clients are told is exactly what is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def unix() -> float:
    """The present moment in Unix seconds, for measuring across processes."""
    return time.time()


def stamp(moment: datetime) -> str:
    """ISO 8601 UTC with milliseconds and `Z`, the form of every time on the wire."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def at_wall_time(day: date, at: hour, zone: str) -> datetime:
    """The instant at which clocks in `zone` (an IANA name) show `at` on `day`.

    Every deadline and every check-in that is told in local hours comes from here, by one table of zones
    (core/timezones.py): PostgreSQL and the system may carry others.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The date in `zone` at `moment`."""
    return moment.astimezone(ZoneInfo(zone)).date()
