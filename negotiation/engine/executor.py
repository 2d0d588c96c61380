"""Runs moves together in one transaction, or each in its own where that fails.

A refused move never harms the others of its batch. Where a constraint or a lock refuses the batch, each move is tried
again alone, so that only the move at fault is refused.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError

from core.database import plain
from core.database.conversation import Script, Transaction
from core.database.errors import OutcomeUnknown, pgcode
from core.errors import Code, DomainError
from core.live.publishing import publish
from negotiation.engine.load_negotiations import WAIT_S, lock_number, try_key
from negotiation.engine.memory import CHANGED, OUTDATED, Remembered
from negotiation.engine.metrics import commit_line, note_commit
from negotiation.engine.outcomes import Outcome, in_progress
from negotiation.engine.stays import remember
from negotiation.engine.transaction import Done, move_together
from negotiation.moves import MakeOfferDeep, Move

log = structlog.get_logger(__name__)
TRIES = 3
# Seconds. All lock waits of one call together last at most WAITS_S, because its caller waits nine seconds; moves that are
# tried again share that time.
WAITS_S, LEAST_WAIT_S = 8.0, 0.25
LOCK_NOT_HAD = "55P03"
# PostgreSQL's lock_not_available, deadlock_detected and serialization_failure, and the code of an outdated memory.
LOCK_TROUBLE = (LOCK_NOT_HAD, "40P01", CHANGED, OUTDATED)
EXPECTED = (IntegrityError, OperationalError, InterfaceError, DomainError)


class Call:
    """What the moves of one call share: the time for which they wait for rows that other transactions hold, and a memory."""

    __slots__ = ("memory", "sharing", "until")

    def __init__(self, memory: Remembered | None) -> None:
        # Returns what the event loop remembers, once a transaction has its connection; None without a memory.
        self.memory = memory
        self.until = time.monotonic() + WAITS_S
        # The number of moves that share the remaining time.
        self.sharing = 1

    @property
    def is_over(self) -> bool:
        return self.sharing > 1 or time.monotonic() >= self.until

    def next_wait_s(self) -> float:
        """The most seconds that the next try may wait for a lock."""
        left = (self.until - time.monotonic()) / self.sharing
        return min(WAIT_S, max(LEAST_WAIT_S, left))


def execute(moves: Sequence[Move], *, now: datetime) -> list[Outcome]:
    """Runs `carry_out` on this thread's database connection; returns an outcome for each move, in their order."""
    return plain.run(carry_out(moves, now=now))


def execute_one(move: Move, *, now: datetime) -> Outcome:
    """Runs `execute` for one move."""
    return execute([move], now=now)[0]


def carry_out(moves: Sequence[Move], *, now: datetime, memory: Remembered | None = None) -> Script[list[Outcome]]:
    """Runs, commits and publishes the moves; returns an outcome for each, in their order.

    Never raises for a refusal: a refusal is an outcome, also `unavailable`. With `memory`, which each transaction asks for what its
    event loop remembers, a single move in a remembered negotiation needs one round trip.
    """
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(moves)))
    current, call = list(moves), Call(memory)
    if len(moves) == 1:  # no group is needed; most batches are one move
        yield from _run_group(current, waiting, outcomes, call, now=now)
        waiting = []
    while waiting:
        now_these, waiting = _distinct(current, waiting)
        # Both groups are made before any move runs: a move that turns out to need its property's lock is run again by
        # `_run_group`, and must not come up in the deep group a second time.
        groups = [[i for i in now_these if current[i].deep == deep] for deep in (False, True)]
        for positions in filter(None, groups):
            yield from _run_group(current, positions, outcomes, call, now=now)
    return [outcomes[i] for i in range(len(moves))]


def _distinct(moves: list[Move], positions: list[int]) -> tuple[list[int], list[int]]:
    """Returns the positions of moves with different command ids, and the positions of the repeats.

    A repeat runs later, so that it sees the outcome of the first.
    """
    seen: set[tuple[int, str]] = set()
    first, again = [], []
    for i in positions:
        key = moves[i].key
        if key is not None and (moves[i].actor_id, key) in seen:
            again.append(i)
            continue
        if key is not None:
            seen.add((moves[i].actor_id, key))
        first.append(i)
    return first, again


def _run_group(
    moves: list[Move], positions: list[int], outcomes: dict[int, Outcome], call: Call, *, now: datetime
) -> Script[None]:
    try:
        done = yield from _transact([moves[i] for i in positions], call, now=now)
    except Exception as error:
        if is_down(error):
            log.warning("moves.unavailable", moves=len(positions), error=str(error))
            done = [Outcome.refused(absent(error)) for _ in positions]
        elif len(positions) > 1:
            for n, i in enumerate(positions):
                call.sharing = len(positions) - n
                yield from _run_group(moves, [i], outcomes, call, now=now)
            return
        elif isinstance(error, EXPECTED):
            done = [(yield from _alone(moves[positions[0]], error, call, now=now))]
        elif len(moves) == 1:
            raise
        else:  # a fault in our code, which must not harm the other moves of the batch
            log.exception("move.failed", kind=moves[positions[0]].kind)
            done = [Outcome.refused(DomainError(Code.UNAVAILABLE))]
    for i, outcome in zip(positions, done, strict=True):
        if isinstance(outcome, Outcome):
            outcomes[i] = outcome
            continue
        moves[i] = outcome
        yield from _run_group(moves, [i], outcomes, call, now=now)


def is_down(error: Exception) -> bool:
    """Whether the error means that the database did not answer; a lock time-out and a deadlock do not mean that."""
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and pgcode(error) not in LOCK_TROUBLE


def absent(error: Exception) -> DomainError:
    """Returns the refusal of a move that lost the database during its transaction.

    The outcome is unknown only where COMMIT had been sent.
    """
    return DomainError(Code.COMMAND_OUTCOME_UNKNOWN if isinstance(error, OutcomeUnknown) else Code.UNAVAILABLE)


def _alone(move: Move, error: Exception, call: Call, *, now: datetime) -> Script[Outcome]:
    """Tries a single move again that the database or `bookings` refused; returns its outcome."""
    for _ in range(TRIES):
        if is_down(error):
            log.warning("move.unavailable", kind=move.kind, error=str(error))
            return Outcome.refused(absent(error))
        if pgcode(error) == LOCK_NOT_HAD and (yield from _is_running(move)):
            return Outcome.refused(in_progress())
        if pgcode(error) == LOCK_NOT_HAD and call.is_over:
            return Outcome.refused(DomainError(Code.UNAVAILABLE))
        try:
            refusal = error if isinstance(error, DomainError) else None
            [outcome] = yield from _transact([move], call, now=now, refusal=refusal)
            if isinstance(outcome, Outcome):
                return outcome
            move = outcome
        except EXPECTED as next_error:
            error = next_error
    log.error("move.undecided", kind=move.kind, error=str(error))
    return Outcome.refused(DomainError(Code.UNAVAILABLE))


def _is_running(move: Move) -> Script[bool]:
    """Whether another transaction runs the same command just now."""
    number = lock_number(move)
    if number is None:
        return False
    is_free: bool = yield Transaction(partial(try_key, number), WAIT_S)
    return not is_free


def _transact(
    moves: Sequence[Move], call: Call, *, now: datetime, refusal: DomainError | None = None
) -> Script[list[Outcome | MakeOfferDeep]]:
    """Runs all of `moves` in one transaction. A move that has to lock its property first is returned as the move to run
    next.

    `refusal` is the error by which `bookings` refused the single move in the try before. It becomes the move's outcome.
    Only for an offer or an opening, where the host's rule had accepted at once, the move runs without that rule instead.
    """
    begin = partial(move_together, moves, now=now, refusal=refusal, memory=call.memory)
    knows_itself = all(move.key is not None for move in moves)
    done: Done = yield Transaction(begin, call.next_wait_s(), again=knows_itself)
    publish(done.publications, commit_line(moves, done.outcomes))
    note_commit(done.draft, moves, [o if isinstance(o, Outcome) else None for o in done.outcomes])
    for record in done.draft.negotiations.values():
        remember(record)
    if done.memory is not None:
        done.memory.keep(done.draft.negotiations.values())
        for rival in done.draft.superseded:
            done.memory.forget(rival.id)
    return done.outcomes
