"""A semaphore of an event loop that costs a call where a place is free; asyncio's costs four, two of them coroutines."""

from __future__ import annotations

import asyncio
from collections import deque


class Places:
    """So many places, which are taken for a while and given back; those who wait get them in turn."""

    __slots__ = ("free", "loop", "waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        self.loop, self.free = loop, size
        self.waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Takes a place; returns False where none is free."""
        if not self.free:
            return False
        self.free -= 1
        return True

    async def wait(self) -> None:
        """Waits for a place, and takes it."""
        handed: asyncio.Future[None] = self.loop.create_future()
        self.waiting.append(handed)
        try:
            await handed
        except asyncio.CancelledError:
            if handed.done() and not handed.cancelled():  # the place came in the same turn
                self.give_back()
            raise

    def give_back(self) -> None:
        """Hands a place to the one who has waited longest."""
        while self.waiting:
            handed = self.waiting.popleft()
            if not handed.done():
                handed.set_result(None)
                return
        self.free += 1
