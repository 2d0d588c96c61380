"""The only reader of the clock. Doors take `now` here and hand it down as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime


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
