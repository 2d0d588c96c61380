"""Notes which tokens were used by the sockets of an event loop: a moment later, with one statement for many.

The welcome does not wait for it. After a kill -9 the uses of the last second are missing: such a token shows an older use,
and ends so much earlier. A token in its last day is noted before the welcome, so no use near its end gets lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import islice
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from accounts.rules import is_noted_at_once
from accounts.services.token_uses import TokenUse, noting, token_lifetime
from core.database.conversation import Transaction, ask
from core.database.lane import LOCK_WAIT_S, lane

log = logging.getLogger(__name__)

# Seconds that a use waits for others; until the next try where the database did not take them; at the end of the process.
SOON_S, RETRY_S, LAST_S = 1.0, 5.0, 1.0
# The most uses in a statement, and the most that wait. Those beyond it are not noted: the next use of the token is.
AT_ONCE, MOST = 500, 20_000


class UsedTokens:
    """The uses that wait to be noted. It belongs to one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        # id of a token → its last use
        self.waiting: dict[int, TokenUse] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None

    def add(self, uses: Iterable[TokenUse]) -> None:
        """Notes the uses within `SOON_S`."""
        for use in uses:
            if len(self.waiting) < MOST or use.token_id in self.waiting:
                self.waiting[use.token_id] = use
        self.wake_after(SOON_S)

    def wake_after(self, seconds: float) -> None:
        if self.waiting and self.timer is None and self.task is None:
            self.timer = self.loop.call_later(seconds, self.wake)

    def wake(self) -> None:
        self.timer = None
        self.task = self.loop.create_task(self.run())

    async def run(self) -> None:
        try:
            taken = await self.note_all()
        finally:
            self.task = None
        self.wake_after(SOON_S if taken else RETRY_S)

    async def note_all(self) -> bool:
        """Notes what waits. Returns False where the database did not take it; then it still waits."""
        while self.waiting:
            uses = list(islice(self.waiting.values(), AT_ONCE))
            try:
                await write(uses)
            except DatabaseError as error:
                log.warning("the use of %d tokens is not noted yet: %s", len(self.waiting), str(error).strip())
                return False
            for use in uses:
                if self.waiting.get(use.token_id) is use:
                    del self.waiting[use.token_id]
        return True


_used: WeakKeyDictionary[asyncio.AbstractEventLoop, UsedTokens] = WeakKeyDictionary()


def used_tokens() -> UsedTokens:
    """Returns what waits on the running loop."""
    loop = asyncio.get_running_loop()
    found = _used.get(loop)
    if found is None:
        found = _used[loop] = UsedTokens()
    return found


async def write(uses: Iterable[TokenUse]) -> None:
    """Notes the uses now, in one trip. Raises Django's errors."""
    await lane().transact(Transaction(partial(ask, noting(uses), last=True), LOCK_WAIT_S))


async def note(uses: Iterable[TokenUse], now: datetime) -> None:
    """Notes the uses: those of tokens in their last day before it returns, the others soon.

    Where the database does not take those of the last day they are noted soon too: the sign-in itself is done.
    """
    lifetime, later = token_lifetime(), list[TokenUse]()
    at_once: list[TokenUse] = []
    for use in uses:
        (at_once if is_noted_at_once(use.expiry, now, lifetime) else later).append(use)
    if later:
        used_tokens().add(later)
    try:
        if at_once:
            await write(at_once)
    except DatabaseError as error:
        log.warning("the use of %d tokens in their last day is not noted yet: %s", len(at_once), str(error).strip())
        used_tokens().add(at_once)


async def note_the_rest() -> None:
    """Notes what still waits, when the process ends; not for longer than `LAST_S`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_S):
            await used_tokens().note_all()
