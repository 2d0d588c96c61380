"""Loads what machines' moves are judged by: their mandates, locked after all negotiations, and the stakes of each.

A mandate's row is the last in the order of locks (docs/decisions/0009): a transaction that holds one waits for no other
row. The moves of one mandate in several negotiations therefore wait for each other here, and each sees the stakes of the
move before it.
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
    """Locks and reads the mandates of these moves. Asks the database nothing where no move is a machine's and no move
    seals a limit."""
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
    """Returns the ids of the properties that machines' moves are about."""
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
