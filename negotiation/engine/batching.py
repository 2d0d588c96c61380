"""Moves of this process's sockets, gathered while the ones before them are being decided.

With one mover a batch is one move; under load it is all that arrived during a commit, and they share the next.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog

from core import clock
from core.db import run_in_db
from core.errors import DomainError
from negotiation.engine.moves import Move, Outcome, in_progress
from negotiation.engine.run import execute, execute_one
from negotiation.rendering import attach_objects

log = structlog.get_logger(__name__)
# Moves that share a transaction at the most, transactions at once, and how long a repeat waits for the first (seconds).
MOST = 64
LANES = 2
PATIENCE_S = 5.0
PAUSE_S = 0.05

Waiting = tuple[Move, "asyncio.Future[Outcome]"]


class Batcher:
    """One queue for the moves of a kind of depth, and up to `LANES` batches of them under way."""

    def __init__(self, lanes: int = LANES) -> None:
        self.waiting: deque[Waiting] = deque()
        self.free = lanes
        self.running: set[asyncio.Task[None]] = set()

    async def submit(self, move: Move) -> Outcome:
        """What `move` came to, once it is committed. Raises DomainError `unavailable`."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.waiting.append((move, future))
        self._start()
        return await future

    def _start(self) -> None:
        while self.free and self.waiting:
            self.free -= 1
            task = asyncio.ensure_future(self._lane())
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _lane(self) -> None:
        try:
            while self.waiting:
                batch = [self.waiting.popleft() for _ in range(min(MOST, len(self.waiting)))]
                await self._run(batch)
        finally:
            self.free += 1

    async def _run(self, batch: Sequence[Waiting]) -> None:
        try:
            outcomes = await run_in_db(_execute, [move for move, _ in batch])
        except BaseException as error:
            reason = error if isinstance(error, DomainError) else DomainError("unavailable")
            for _, future in batch:
                if not future.done():
                    future.set_exception(reason)
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, DomainError):
                log.exception("batch failed")
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)


def _execute(moves: list[Move]) -> list[Outcome]:
    now = clock.now()
    outcomes = execute(moves, now=now)
    attach_objects(outcomes, now=now)
    return outcomes


_batchers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, Batcher]] = WeakKeyDictionary()


async def submit(move: Move) -> Outcome:
    """Runs a move of a socket. A repeat whose first is still running waits for it, at most 5 s.

    Raises: DomainError `unavailable`, `command.in_progress`.
    """
    loop = asyncio.get_running_loop()
    batchers = _batchers.get(loop)
    if batchers is None:
        batchers = _batchers[loop] = {False: Batcher(), True: Batcher()}
    batcher = batchers[move.deep]
    until = loop.time() + PATIENCE_S
    while True:
        outcome = await batcher.submit(move)
        if not outcome.busy:
            return outcome
        if loop.time() >= until:
            raise in_progress()
        await asyncio.sleep(PAUSE_S)


def submit_here(move: Move) -> Outcome:
    """Runs a move in this thread, for doors without a loop. Raises as `submit`."""
    until = time.monotonic() + PATIENCE_S
    while True:
        outcome = execute_one(move, now=clock.now())
        if not outcome.busy:
            return outcome
        if time.monotonic() >= until:
            raise in_progress()
        time.sleep(PAUSE_S)
