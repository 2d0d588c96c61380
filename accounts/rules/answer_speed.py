"""How quickly a host answers offers, in the words that Airbnb uses."""

from __future__ import annotations

# Seconds up to which an answer counts as so quick.
SPEEDS = ((3600, "within an hour"), (6 * 3600, "within a few hours"), (86400, "within a day"))
SLOW = "a few days or more"


def speed_of(seconds: int | None) -> str | None:
    """How quickly a host answers, in words; None without an answer so far."""
    if seconds is None:
        return None
    return next((words for most, words in SPEEDS if seconds <= most), SLOW)
