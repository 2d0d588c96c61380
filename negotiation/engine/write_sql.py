"""The statements by which the engine writes: for each table one for a single row, and one for many.

They are made from the column tables of `negotiation/columns.py`. `write.py` runs them, in the order that the constraints
demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.database.prepared_statements import Prepared, Query
from negotiation.columns import ENTRY, FREEZE, MOVE, NEGOTIATION, NOTIFICATION, OFFER, STORED_OUTCOME


class Write:
    """A statement that writes one row, and one that writes many rows at once, which costs less for a batch."""

    def __init__(self, name: str, types: Sequence[str], one: str, many: str, *, answers: bool = False) -> None:
        self.one = Prepared(name, types, one, answers=answers)
        self.many = Prepared(f"{name}_many", [f"{kind}[]" for kind in types], many, answers=answers)

    def __call__(self, rows: Sequence[Sequence[Any]]) -> Sequence[Query]:
        """Returns the statements that write these rows, in their order."""
        if len(rows) == 1:
            return (Query(self.one, rows[0]),)
        if len(rows) < MANY:
            return [Query(self.one, row) for row in rows]
        return (self.many(*zip(*rows, strict=True)),)


# From this number of rows on, one statement for all is cheaper than one for each.
MANY = 3

# Changes offers that were answered, countered or extended. It runs before ADD_OFFERS, because a negotiation may have only
# one standing offer.
CHANGE_OFFERS = Write(
    "hub_change_offer",
    ["bigint", "text", "timestamptz"],
    "UPDATE negotiation_offer SET status = $2, expires_at = coalesce($3, expires_at) WHERE id = $1",
    "UPDATE negotiation_offer t SET status = g.status, expires_at = coalesce(g.expires_at, t.expires_at)"
    " FROM unnest($1, $2, $3) AS g(id, status, expires_at) WHERE t.id = g.id",
)

MOVED = ("id", *NEGOTIATION.written_by(MOVE))
# It runs before `OPEN`: a negotiation whose time is over must have ended before another one may open on its nights
# (constraint negotiation_one_open).
MOVE_NEGOTIATIONS = Write("hub_move", NEGOTIATION.types(MOVED), NEGOTIATION.update(MOVE), NEGOTIATION.update_many(MOVE))

# Ends rivals for an agreement. It writes what `MOVE_NEGOTIATIONS` would write for a negotiation without sealed limits.
SUPERSEDE = Write(
    "hub_supersede",
    ["bigint", "int", "timestamptz"],
    "UPDATE negotiation_negotiation SET status = 'superseded', turn = NULL, ended_by = 'system', auto_decline_at = NULL,"
    " last_seq = $2, updated_at = $3 WHERE id = $1",
    "UPDATE negotiation_negotiation t SET status = 'superseded', turn = NULL, ended_by = 'system', auto_decline_at = NULL,"
    " last_seq = g.last_seq, updated_at = g.updated_at"
    " FROM unnest($1, $2, $3) AS g(id, last_seq, updated_at) WHERE t.id = g.id",
)

OPENED = NEGOTIATION.names()
OPEN = Write("hub_open", NEGOTIATION.types(OPENED), NEGOTIATION.insert(), NEGOTIATION.insert_many())

# Updates questions whose terms froze with their first offer or limit.
FROZEN = ("id", *NEGOTIATION.written_by(FREEZE))
FREEZE_TERMS = Write(
    "hub_freeze_terms", NEGOTIATION.types(FROZEN), NEGOTIATION.update(FREEZE), NEGOTIATION.update_many(FREEZE)
)

ADD_OFFERS = Write("hub_add_offer", OFFER.types(OFFER.names()), OFFER.insert(), OFFER.insert_many())
ADD_ENTRIES = Write("hub_add_entry", ENTRY.types(ENTRY.names()), ENTRY.insert(), ENTRY.insert_many())

# Deletes outcomes of commands from more than 24 hours ago, whose ids are free again, even if the daily job has not run yet.
FORGET_OUTCOMES = Write(
    "hub_forget_outcome",
    ["bigint", "text"],
    "DELETE FROM core_storedoutcome WHERE account_id = $1 AND key = $2",
    "DELETE FROM core_storedoutcome t USING unnest($1, $2) AS g(account_id, key)"
    " WHERE t.account_id = g.account_id AND t.key = g.key",
)
STORE_OUTCOMES = Write(
    "hub_store_outcome",
    STORED_OUTCOME.types(STORED_OUTCOME.names()),
    STORED_OUTCOME.insert(),
    STORED_OUTCOME.insert_many(),
)

NOTE = tuple(name for name in NOTIFICATION.names() if name != "id")
NOTIFY = Write(
    "hub_notify",
    NOTIFICATION.types(NOTE),
    f"{NOTIFICATION.insert(without=('id',))} RETURNING id",
    f"{NOTIFICATION.insert_many(without=('id',))} RETURNING id",
    answers=True,
)
