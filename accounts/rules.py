"""Pure rules of sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta

# A token's use is written down at most this often, so that reading costs no write.
USE_NOTED_EVERY = timedelta(seconds=60)


def use_is_noted_before(now: datetime, lifetime: timedelta) -> datetime:
    """A token last noted as used at this moment or earlier is noted, and renewed, again."""
    return now - min(USE_NOTED_EVERY, lifetime / 10)
