"""What machines' moves are judged by: their mandates, locked after all negotiations, and what each has at stake.

A transaction that holds a mandate's row waits for no other row: it is the last in the order of locks (docs/decisions/0009), so the
moves of one mandate in several negotiations wait for each other here, and each sees what the one before it bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.selectors.mandates import mandate_terms
from core.database.conversation import Rows, Talk, ask
from core.database.prepared_statements import Query
from negotiation.engine import machine_sql as sql
from negotiation.engine.loaded import HeldMandate
from negotiation.engine.machine import Machine
from negotiation.moves import Move, Open, Seal, Within
from negotiation.records import NegotiationRecord
from negotiation.selectors.mandates import STAKES, Standing, read_stakes


def load_mandates(moves: Sequence[Move], records: dict[int, NegotiationRecord], *, now: datetime) -> Talk[Machine]:
    """The mandates of these moves; nothing is asked where none is a machine's and none seals a limit."""
    ids = sorted({move.mandate_id for move in moves if move.mandate_id is not None})
    sealing = sorted({move.negotiation_id for move in moves if isinstance(move, Seal)})
    if not ids and not sealing:
        return Machine()
    queries: list[Query] = [sql.MACHINE_SEALS(sealing)]
    if ids:
        homes = sorted(_properties(moves, records))
        queries += [sql.LOCK_MANDATES(ids), sql.MANDATES(ids), STAKES(ids, now), sql.PEOPLE_ONLY(homes)]
    seals, *found = yield from ask(*queries)
    machine = Machine(seals={(row["negotiation_id"], row["side"], row["seal"]) for row in seals})
    if found:
        mandates, stakes, people_only = found
        machine.mandates = _read(mandates, read_stakes(stakes))
        machine.people_only = frozenset(row["id"] for row in people_only)
    return machine


def _properties(moves: Iterable[Move], records: dict[int, NegotiationRecord]) -> set[int]:
    """Where machines move."""
    found = set()
    for move in moves:
        if move.mandate_id is None:
            continue
        if isinstance(move, Open):
            found.add(move.property_id)
        elif isinstance(move, Within) and move.negotiation_id in records:
            found.add(records[move.negotiation_id].property_id)
    return found


def _read(rows: Rows, standings: dict[int, Standing]) -> dict[int, HeldMandate]:
    found = {}
    for row in rows:
        standing = standings.get(row["id"], Standing())
        found[row["id"]] = HeldMandate(terms=mandate_terms(row), stakes=standing.stakes, opened=standing.opened)
    return found
