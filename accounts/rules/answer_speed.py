"""How quickly somebody answers offers, in words. Airbnb's."""

from __future__ import annotations

# Seconds up to which an answer counts as so quick.
SPEEDS = ((3600, "within an hour"), (6 * 3600, "within a few hours"), (86400, "within a day"))
SLOW = "a few days or more"


def speed_of(seconds: int | None) -> str | None:
    """How quickly somebody answers, in words; None where nothing was answered yet."""
    if seconds is None:
        return None
    return next((words for most, words in SPEEDS if seconds <= most), SLOW)
