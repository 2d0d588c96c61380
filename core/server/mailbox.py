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
        self.items: deque[Any] | None = None
        self.reader: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self.items) if self.items else 0

    def empty(self) -> bool:
        return not self.items

    def put_nowait(self, item: Any) -> None:
        if self.items is None:
            self.items = deque()
        self.items.append(item)
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)

    async def get(self) -> Any:
        while not self.items:
            self.items = None
            self.reader = self.loop.create_future()
            try:
                await self.reader
            finally:
                self.reader = None
        item = self.items.popleft()
        if not self.items:
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
