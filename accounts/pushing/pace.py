"""When a push is tried again, and when it is let go. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
LONGEST_PAUSE = timedelta(hours=1)
# A later push would tell of what is long over.
GOOD_FOR = timedelta(hours=12)
# A user with a live socket may be closing the page at that moment, so the lane looks again until then.
ON_SCREEN_FOR, LOOK_AGAIN = timedelta(seconds=60), timedelta(seconds=10)
# The lease of a claimed delivery, longer than a request may take. What a dead lane had begun counts as doubtful.
LEASE = timedelta(seconds=60)


def pause_after(tries: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after `tries` refusals, the first being 1; `asked` is the push service's own word (Retry-After)."""
    own = PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
    return own if asked is None else min(max(own, asked), LONGEST_PAUSE)


def is_too_old(at: datetime, now: datetime) -> bool:
    """Whether what happened at `at` is not worth a push any more."""
    return now - at >= GOOD_FOR


def seconds_left(at: datetime, now: datetime) -> int:
    """For how many seconds the push service may keep a message for a device that is off (TTL)."""
    return max(0, int((at + GOOD_FOR - now).total_seconds()))
