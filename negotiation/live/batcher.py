"""Collects moves of this process's sockets while earlier ones are being decided.

With one mover a batch is one move. Under load a batch holds all moves that arrived during a commit, and they share the next
transaction.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from core import clock
from core.database.batcher import Gatherer
from core.database.lane import lane
from core.database.threads import run_in_db
from core.errors import Code, DomainError
from core.loop_local import LoopLocal
from negotiation.engine.executor import carry_out, execute_one
from negotiation.engine.memory import Memory
from negotiation.engine.outcomes import Outcome, in_progress
from negotiation.engine.stays import ground_of
from negotiation.live.replies import shows_object, with_objects
from negotiation.moves import Move

Batcher = Gatherer[Move, Outcome]
# The most moves in a transaction, the most transactions at once, the seconds that a repeat waits for the first command, and
# the seconds between two looks.
MOST = 64
LANES = 2
PATIENCE_S = 5.0
PAUSE_S = 0.05


async def _execute(moves: list[Move]) -> list[Outcome]:
    now = clock.now()
    outcomes = await lane().run(carry_out(moves, now=now, memory=_memory))
    if not any(map(shows_object, outcomes)):
        return outcomes
    await asyncio.sleep(0)  # publications leave before a database thread competes with this one for the interpreter
    try:
        return await run_in_db(partial(with_objects, outcomes, now=now))
    except DomainError:  # the moves are committed, only the objects for their replies can't be read
        unknown = Outcome.refused(DomainError(Code.COMMAND_OUTCOME_UNKNOWN))
        return [unknown if shows_object(outcome) else outcome for outcome in outcomes]


class _Remembering:
    """The memory of a loop, and the number of connections that the loop's lane had opened when the memory began."""

    def __init__(self) -> None:
        self.began_at = -1
        self.memory = Memory()


_remembering = LoopLocal(_Remembering)


def _memory() -> Memory | None:
    """Returns this loop's memory, a new one after each new connection to the database; None in a thread."""
    try:
        here, opened = _remembering.get(), lane().opened
    except RuntimeError:
        return None
    if here.began_at != opened:
        here.began_at, here.memory = opened, Memory()
    return here.memory


def forget_negotiation(negotiation_id: int) -> None:
    """Drops a negotiation from this loop's memory, because a move outside this loop has changed it."""
    if (memory := _memory()) is not None:
        memory.forget(negotiation_id)


def _batcher(*, deep: bool) -> Batcher:
    """Returns a batcher. With `deep`, the moves of one property run in one batch at a time, and the first of them alone.

    Of fifty accepts at once only one succeeds, and its publication ends the other negotiations.
    """
    return Batcher(_execute, most=MOST, lanes=LANES, ground=ground_of if deep else None)


_batchers: LoopLocal[dict[bool, Batcher]] = LoopLocal(lambda: {deep: _batcher(deep=deep) for deep in (False, True)})


async def submit(move: Move) -> Outcome:
    """Runs a move of a socket. A repeat waits up to 5 s for its first command, where that still runs.

    Raises DomainError `unavailable`, `command.outcome_unknown`, `command.in_progress`.
    """
    batcher = _batchers.get()[move.deep]
    until = batcher.loop.time() + PATIENCE_S
    while True:
        outcome = await batcher.submit(move)
        if not outcome.busy:
            return outcome
        if batcher.loop.time() >= until:
            raise in_progress()
        await asyncio.sleep(PAUSE_S)


def submit_here(move: Move) -> Outcome:
    """Runs a move in this thread, for callers without an event loop. Raises DomainError `command.in_progress`."""
    until = time.monotonic() + PATIENCE_S
    while True:
        outcome = execute_one(move, now=clock.now())
        if not outcome.busy:
            return outcome
        if time.monotonic() >= until:
            raise in_progress()
        time.sleep(PAUSE_S)
