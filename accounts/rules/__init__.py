"""Pure rules of sign-ins and of blocks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from core.errors import Code, DomainError
from core.said import said

# A token's use is written down at most this often, so that reading costs no write.
USE_NOTED_EVERY = timedelta(seconds=60)


def use_is_noted_before(now: datetime, lifetime: timedelta) -> datetime:
    """A token last noted as used at this moment or earlier is noted, and renewed, again."""
    return now - min(USE_NOTED_EVERY, lifetime / 10)


# A token with less than this to live is noted before its user is let in, so that the use surely lengthens its life.
LAST_DAY = timedelta(days=1)


def is_noted_at_once(expiry: datetime | None, now: datetime, lifetime: timedelta) -> bool:
    """Whether the use of a token that ends at `expiry` (None: never) must be noted now; otherwise a moment later will do."""
    return expiry is not None and expiry - now < min(LAST_DAY, lifetime / 2)


# The text for the user who was blocked: it says neither who blocked them nor that they were blocked.
CLOSED_DOOR = said("This isn't possible here.")
OWN_BLOCK = said("You blocked this person; take that back first.")


def check_no_block(blockers: Collection[int], actor_id: int) -> None:
    """Raises not_allowed where one of two users blocked the other; `blockers` are those of the two who did."""
    if blockers:
        raise DomainError(Code.NOT_ALLOWED, OWN_BLOCK if set(blockers) == {actor_id} else CLOSED_DOOR)
