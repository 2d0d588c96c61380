"""What the engine writes, each table by a statement for a row and by one for many.

They are made from the column tables of `negotiation/columns.py`; `write.py` asks them, in the order in which the constraints
want them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.database.prepared_statements import Prepared, Query
from negotiation.columns import ENTRY, FREEZE, MOVE, NEGOTIATION, NOTIFICATION, OFFER, STORED_OUTCOME


class Write:
    """A statement that writes a row, and the same for many at once, which costs a batch less than one for each."""

    def __init__(self, name: str, types: Sequence[str], one: str, many: str, *, answers: bool = False) -> None:
        self.one = Prepared(name, types, one, answers=answers)
        self.many = Prepared(f"{name}_many", [f"{kind}[]" for kind in types], many, answers=answers)

    def __call__(self, rows: Sequence[Sequence[Any]]) -> Iterator[Query]:
        """What writes these rows, in their order."""
        if len(rows) < MANY:
            return (self.one(*row) for row in rows)
        return iter([self.many(*zip(*rows, strict=True))])


# From so many rows on one statement is cheaper than as many.
MANY = 3

# Offers that were answered, countered or extended; before the new ones, of which one negotiation has one that stands.
CHANGE_OFFERS = Write(
    "hub_change_offer",
    ["bigint", "text", "timestamptz"],
    "UPDATE negotiation_offer SET status = $2, expires_at = coalesce($3, expires_at) WHERE id = $1",
    "UPDATE negotiation_offer t SET status = g.status, expires_at = coalesce(g.expires_at, t.expires_at)"
    " FROM unnest($1, $2, $3) AS g(id, status, expires_at) WHERE t.id = g.id",
)

MOVED = ("id", *NEGOTIATION.written_by(MOVE))
# Before `OPEN`: a negotiation whose time is over must have ended before another one may open on its nights (constraint
# negotiation_one_open).
MOVE_NEGOTIATIONS = Write("hub_move", NEGOTIATION.types(MOVED), NEGOTIATION.update(MOVE), NEGOTIATION.update_many(MOVE))

OPENED = NEGOTIATION.names()
OPEN = Write("hub_open", NEGOTIATION.types(OPENED), NEGOTIATION.insert(), NEGOTIATION.insert_many())

# Questions whose terms froze with their first offer.
FROZEN = ("id", *NEGOTIATION.written_by(FREEZE))
FREEZE_TERMS = Write(
    "hub_freeze_terms", NEGOTIATION.types(FROZEN), NEGOTIATION.update(FREEZE), NEGOTIATION.update_many(FREEZE)
)

ADD_OFFERS = Write("hub_add_offer", OFFER.types(OFFER.names()), OFFER.insert(), OFFER.insert_many())
ADD_ENTRIES = Write("hub_add_entry", ENTRY.types(ENTRY.names()), ENTRY.insert(), ENTRY.insert_many())

# Ids that were used more than 24 hours ago are new again, whether or not the daily job has been round.
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
