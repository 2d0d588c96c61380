"""Asks a neighbour (database, broker) whether it answers, in a thread of its own and for a bounded time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

from core.database.cutting import Call

T = TypeVar("T")


class Probe(Generic[T]):
    """Runs `ask()` with a database connection of its own. Callers that come while it runs share its answer.

    The answer is None where none came within `wait_s` seconds, or where `ask` failed.
    """

    def __init__(self, ask: Callable[[], T], wait_s: float) -> None:
        self.ask, self.wait_s = ask, wait_s
        self.lock = threading.Lock()
        self.running: Future[T | None] | None = None
        self.call: Call | None = None

    def wait(self) -> T | None:
        """Returns the answer. It blocks, so call it in a thread."""
        running = self._start()
        try:
            return running.result(self.wait_s)
        except TimeoutError:
            return self._give_up()

    async def answer(self) -> T | None:
        """Returns the answer. Await it on an event loop."""
        running = asyncio.wrap_future(self._start())
        done, _ = await asyncio.wait({running}, timeout=self.wait_s)
        return running.result() if done else self._give_up()

    def _start(self) -> Future[T | None]:
        with self.lock:
            if self.running is None or self.running.done():
                self.running = Future()
                threading.Thread(target=self._work, args=[self.running], name="probe", daemon=True).start()
            return self.running

    def _work(self, result: Future[T | None]) -> None:
        call = self.call = Call()
        try:
            found = self.ask()
        except Exception:
            found = None
        call.end()
        connections.close_all()
        result.set_result(found)

    def _give_up(self) -> None:
        if self.call is not None:
            self.call.cut()
