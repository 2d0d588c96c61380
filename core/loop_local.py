"""A value of its own for each event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class LoopLocal(Generic[T]):
    """Makes a value at the first use on each event loop, and keeps it as long as the loop.

    A server process has one loop, and asks for its value with each command: the last answer is found without the table.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make
        self.values: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self.last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def get(self) -> T:
        """Returns the value of the running loop. Raises RuntimeError in a thread without one."""
        loop, last = asyncio.get_running_loop(), self.last
        if last is not None and last[0] is loop:
            return last[1]
        if loop not in self.values:
            self.values[loop] = self.make()
        self.last = loop, self.values[loop]
        return self.values[loop]
