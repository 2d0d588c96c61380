"""What the engine tells of itself: metrics, and one log line a batch that names its commands."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from prometheus_client import Counter, Histogram

from negotiation.engine.draft import Draft
from negotiation.engine.moves import Move
from negotiation.engine.outcomes import Outcome

log = structlog.get_logger(__name__)

NEGOTIATIONS = Counter("hub_negotiations_total", "Negotiations that took a status", ["status"])
REPLAYS = Counter("hub_replays_total", "Commands that were sent again and got their first outcome")
REJECTED = Counter("hub_rejected_total", "Moves that were refused, by code", ["code"])
BATCH = Histogram("hub_batch_moves", "Moves that shared a transaction", buckets=(1, 2, 4, 8, 16, 32, 64))


def note_commit(draft: Draft, moves: Sequence[Move], outcomes: Sequence[Outcome | None]) -> None:
    """After the commit: counts what came of the moves, and leaves a line that follows each command to its entry."""
    BATCH.observe(len(moves))
    for record in draft.negotiations.values():
        if record.is_new:
            NEGOTIATIONS.labels("open").inc()
        if record.status != "open" and record.id in draft.ended:
            NEGOTIATIONS.labels(record.status).inc()
    for outcome in filter(None, outcomes):
        if outcome.replayed:
            REPLAYS.inc()
        elif outcome.error is not None:
            REJECTED.labels(outcome.error.code).inc()
    log.info("moves.committed", moves=[_line(m, o) for m, o in zip(moves, outcomes, strict=True) if o is not None])


def _line(move: Move, outcome: Outcome) -> str:
    came_to = outcome.error.code if outcome.error else f"{outcome.negotiation_id}#{outcome.seq}"
    return f"{move.key or '-'} {move.kind} {came_to}"
