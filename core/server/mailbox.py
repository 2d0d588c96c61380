"""A smaller queue and event than asyncio's, for one reader and few waiters: each idle socket keeps one of both."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Mailbox:
    """A queue for one reader. It calls `on_empty` when the reader has taken the last item."""

    __slots__ = ("items", "loop", "on_empty", "reader")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_empty: Callable[[], None]) -> None:
        self.loop, self.on_empty = loop, on_empty
        # What no reader has waited for; None while there is nothing.
        self.items: deque[Any] | None = None
        self.reader: asyncio.Future[Any] | None = None

    def __len__(self) -> int:
        return len(self.items) if self.items else 0

    def empty(self) -> bool:
        return not self.items

    def put_nowait(self, item: Any) -> None:
        """Hands the item to the reader that waits, or keeps it."""
        if self.reader is not None and not self.items and not self.reader.done():
            self.reader.set_result(item)
            return
        if self.items is None:
            self.items = deque()
        self.items.append(item)

    async def get(self) -> Any:
        if self.items:
            item = self.items.popleft()
        else:
            self.reader = reader = self.loop.create_future()
            try:
                item = await reader
            except BaseException:
                if reader.done() and not reader.cancelled():  # the next reader gets what was handed over meanwhile
                    self.items = deque([reader.result(), *(self.items or ())])
                raise
            finally:
                self.reader = None
        if not self.items:
            self.items = None
            self.on_empty()
        return item


class Gate:
    """An event for a few waiters."""

    __slots__ = ("loop", "opened", "waiter")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.opened = True
        self.waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self.opened

    def clear(self) -> None:
        self.opened = False

    def set(self) -> None:
        self.opened = True
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)
        self.waiter = None

    async def wait(self) -> None:
        while not self.opened:
            if self.waiter is None:
                self.waiter = self.loop.create_future()
            await asyncio.shield(self.waiter)
