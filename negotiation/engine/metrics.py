"""The engine's metrics, and one log line for each batch, which names its commands."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from core.lean_metrics import LeanHistogram
from core.server.logs import Line
from negotiation.engine.draft import Draft, NewEntry
from negotiation.engine.loaded import Rival
from negotiation.engine.outcomes import Outcome
from negotiation.moves import Move
from negotiation.records import NegotiationRecord

NEGOTIATIONS = Counter("hub_negotiations_total", "Negotiations that took a status", ["status"])
REPLAYS = Counter("hub_replays_total", "Commands that were sent again and got their first outcome")
REJECTED = Counter("hub_rejected_total", "Moves that were refused, by code", ["code"])
BATCH = LeanHistogram("hub_batch_moves", "Moves that shared a transaction", buckets=(1, 2, 4, 8, 16, 32, 64))
# A trial of rules (setting RULES_TRIAL) is counted by the arm that the negotiation was opened in.
OPENINGS = Counter("hub_trial_openings_total", "Negotiations in which a first price was named or sealed", ["arm"])
ENDS = Counter("hub_trial_ends_total", "Ends of such negotiations; expired: nobody answered", ["arm", "status"])
SEALS = Counter("hub_trial_seals_total", "Negotiations with a seal: offered, answered, met", ["arm", "what"])
MOVES = Histogram(
    "hub_trial_moves", "Moves of a negotiation that was agreed", ["arm"], buckets=(2, 3, 4, 5, 6, 8, 10, 14, 20, 40)
)
MINUTES = Histogram(
    "hub_trial_minutes", "From a negotiation's opening to its agreement", ["arm"],
    buckets=(1, 5, 15, 60, 180, 720, 1440, 2880, 10080),
)  # fmt: skip


def note_trial(draft: Draft) -> None:
    """Counts, after the commit, what became of negotiations that were opened under a trial of rules."""
    tried = {id: record for id, record in draft.negotiations.items() if record.arm}
    if not tried:
        return
    for record in tried.values():
        if record.is_frozen and (record.is_new or record.refrozen):
            OPENINGS.labels(record.arm).inc()
    ended_ones: list[NegotiationRecord | Rival] = [*tried.values(), *draft.superseded]
    for ended in ended_ones:
        if ended.arm and ended.is_frozen and ended.id in draft.ended:
            ENDS.labels(ended.arm, ended.status).inc()
    for entry in draft.entries:
        if (found := tried.get(entry.negotiation_id)) and entry.kind in COUNTED:
            COUNTED[entry.kind](found, entry)


def _note_seal(record: NegotiationRecord, entry: NewEntry) -> None:
    if record.haggle.guest_seals + record.haggle.host_seals == 1:
        SEALS.labels(record.arm, "offered").inc()


def _note_compared(record: NegotiationRecord, entry: NewEntry) -> None:
    SEALS.labels(record.arm, "answered").inc()
    if entry.kind == "limit.met":
        SEALS.labels(record.arm, "met").inc()


def _note_deal(record: NegotiationRecord, entry: NewEntry) -> None:
    # Neither side made the offer of the half-way price: it used up no offer of a side, and its accept is no move.
    met = record.haggle.compared_at == entry.at
    MOVES.labels(record.arm).observe(record.moves_made + (0 if met else 1))
    MINUTES.labels(record.arm).observe((entry.at - record.created_at).total_seconds() / 60)


COUNTED = {
    "limit.sealed": _note_seal,
    "limit.missed": _note_compared,
    "limit.met": _note_compared,
    "offer.accepted": _note_deal,
}


def note_commit(draft: Draft, moves: Sequence[Move], outcomes: Sequence[Outcome | None]) -> None:
    """Counts, after the commit, the outcomes of the moves. None stands for a move that runs again."""
    BATCH.observe(len(moves))
    note_trial(draft)
    for record in draft.negotiations.values():
        if record.is_new:
            NEGOTIATIONS.labels("open").inc()
        if record.status != "open" and record.id in draft.ended:
            NEGOTIATIONS.labels(record.status).inc()
    if draft.superseded:
        NEGOTIATIONS.labels("superseded").inc(len(draft.superseded))
    for outcome in filter(None, outcomes):
        if outcome.replayed:
            REPLAYS.inc()
        elif outcome.error is not None:
            REJECTED.labels(outcome.error.code).inc()


def commit_line(moves: Sequence[Move], outcomes: Sequence[object]) -> Line:
    """Returns the log line of a commit, which links each command to its entry.

    It leaves out moves that run again; the line of their own commit names them.
    """
    done = [_of(move, outcome) for move, outcome in zip(moves, outcomes, strict=True) if isinstance(outcome, Outcome)]
    return Line(__name__, "moves.committed", moves=done)


def _of(move: Move, outcome: Outcome) -> str:
    came_to = outcome.error.code if outcome.error else f"{outcome.negotiation_id}#{outcome.seq}"
    return f"{move.key or '-'} {move.kind} {came_to}"
