"""What an event loop remembers of the negotiations that it wrote last, so that a move in one of them needs a single round trip.

Such a move is decided on the remembered record, before anything is read. The trip that writes it changes the negotiation only where
that is still as remembered, and refuses the transaction otherwise (`memory_sql`). A refused move is decided again
on what is read under the locks, as if there were no memory. A move that the rules refuse from memory is decided again too,
so a refusal never depends on it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import Counter

from core.database.conversation import Rows
from core.database.prepared_statements import Query
from core.limits import scaled
from core.values import value
from negotiation.engine import memory_sql as sql
from negotiation.engine.load_negotiations import UNCOUNTED, lock_number
from negotiation.engine.loaded import Lookup
from negotiation.engine.write_sql import MOVED
from negotiation.moves import Decline, Extend, MakeOffer, MakeOfferDeep, Move, OnOffer, SendMessage, Withdraw, Within
from negotiation.records import NegotiationRecord
from negotiation.rules.automatic import BIDS_COUNTED_ALONE

# How many negotiations are remembered (some 3 KB each), and how many are known to move elsewhere too; the oldest go first.
MOST, MOST_DOUBTED = 2048, 4096
# How many ids of offers are drawn where none is left, and how many are kept at most.
DRAWN, MOST_IDS = 4, 64
# PostgreSQL's codes by which a move from memory is refused: serialization_failure where its negotiation has changed, and
# transaction_integrity_constraint_violation where something beside it has.
CHANGED, OUTDATED = "40001", "40002"
# The moves that need nothing but their negotiation and what the checks of `memory_sql` cover.
KINDS = (MakeOffer, SendMessage, Decline, Withdraw, Extend)

STALE = Counter("hub_memory_stale_total", "Moves decided from memory that was outdated; they were decided again")


@value()
class Recalled:
    """A remembered negotiation that a move was given, as a lookup, and what makes sure of it when the move is written."""

    lookup: Lookup
    # What the negotiation is remembered by, and the command's lock number: the last parameters of `sql.MOVE_REMEMBERED`.
    guard: tuple[int, int | None, int]
    # The first and the last parameters of the check, around what the move writes.
    command: tuple[int, str | None, datetime, int]
    offer: tuple[Any, ...]

    def move(self, record: NegotiationRecord) -> Query:
        """Returns the query that writes the negotiation where it is as remembered."""
        return sql.MOVE_REMEMBERED(*record.values(MOVED), *self.guard)

    def check(self, record: NegotiationRecord) -> Query:
        """Returns the query that refuses the transaction where the negotiation, or something beside it, is not as remembered."""
        statement = _CHECKS[len(self.offer)]
        return statement(*self.command, record.last_seq, record.updated_at, *self.offer)


# By the number of parameters that belong to an offer.
_CHECKS = {0: sql.CHECK_COMMAND, 5: sql.CHECK_OFFER, 6: sql.CHECK_OFFER_COUNTED}


class Memory:
    """The records that transactions of one event loop left behind. Each is given to one move at a time.

    A memory ends when a connection is opened: after that the database may be another server that has lost the last commits.
    """

    def __init__(self) -> None:
        self.records: OrderedDict[int, NegotiationRecord] = OrderedDict()
        # Negotiations whose optimistic check has failed: another process or thread changes them too, so they are not cached.
        self.doubted: OrderedDict[int, None] = OrderedDict()
        # Ids of offers to come, ascending.
        self.offer_ids: list[int] = []

    def keep(self, records: Iterable[NegotiationRecord]) -> None:
        """Remembers records as they were committed. Sealed figures are not kept beyond their transaction."""
        for record in records:
            self.records.pop(record.id, None)
            haggle = record.haggle
            if haggle.guest_sealed or haggle.host_sealed or haggle.status != "open" or record.id in self.doubted:
                continue
            record.is_new = record.refrozen = False
            self.records[record.id] = record
        while len(self.records) > MOST:
            self.records.popitem(last=False)

    def forget(self, negotiation_id: int) -> None:
        """Drops a negotiation that was changed elsewhere."""
        self.records.pop(negotiation_id, None)

    def note_refusal(self, negotiation_id: int, code: str | None) -> None:
        """Counts a refusal of a move from memory. A negotiation that changes elsewhere too is not remembered again."""
        if code in (CHANGED, OUTDATED):
            STALE.inc()
        if code != CHANGED:
            return
        self.doubted[negotiation_id] = None
        if len(self.doubted) > MOST_DOUBTED:
            self.doubted.popitem(last=False)

    def recall(self, moves: Sequence[Move], *, now: datetime, factor: float) -> Recalled | None:
        """Hands out the record of a single move's negotiation; None where nothing is remembered, or it would not do.

        The caller changes the record, so it is forgotten until a transaction keeps it again.
        """
        [move, *more] = moves
        if more or not isinstance(move, KINDS) or isinstance(move, MakeOfferDeep):
            return None
        number = lock_number(move)
        if move.mandate_id is not None or number is None or move.negotiation_id not in self.records:
            return None
        record = self.records[move.negotiation_id]
        lookup = self._lookup(move, record)
        if lookup is None:
            return None
        self.forget(record.id)
        guard = (record.last_seq, record.expiring_offer_id, number)
        command = (move.actor_id, move.key, now - timedelta(days=1), record.id)
        return Recalled(lookup, guard, command, _asked(record, factor) if isinstance(move, MakeOffer) else ())

    def _lookup(self, move: Within, record: NegotiationRecord) -> Lookup | None:
        standing = record.haggle.standing
        if isinstance(move, MakeOffer):
            number = self._offer_id(above=standing.id if standing else 0)
            return None if number is None else Lookup(record=record, new_offer_id=number)
        if isinstance(move, OnOffer) and move.offer_id is not None:
            if standing is None or standing.id != move.offer_id:
                return None
            return Lookup(record=record, named_by=standing.by)
        return Lookup(record=record)

    def _offer_id(self, *, above: int) -> int | None:
        """Takes the lowest id that is higher than the standing offer's: ids of one negotiation ascend.

        Where all are lower they are given up, so that the next transaction draws new ones.
        """
        for place, number in enumerate(self.offer_ids):
            if number > above:
                return self.offer_ids.pop(place)
        self.offer_ids.clear()
        return None

    def draws(self) -> Sequence[Query]:
        """Returns the query that draws ids of offers, where none is left."""
        return () if self.offer_ids else (sql.DRAW_OFFER_IDS(DRAWN),)

    def note_drawn(self, rows: Rows) -> None:
        """Keeps the ids of offers that a query drew."""
        self.offer_ids += [row["offer_id"] for row in rows]
        del self.offer_ids[:-MOST_IDS]


def _asked(record: NegotiationRecord, factor: float) -> tuple[Any, ...]:
    """Returns the parameters of the check of an offer: its home, guest and nights, the host's percentages, and the most bids."""
    auto = record.auto
    asked = (record.property_id, record.guest_id, record.nights, auto.accept_percent, auto.decline_percent)
    return asked if factor >= UNCOUNTED else (*asked, scaled(BIDS_COUNTED_ALONE, factor))


# Returns the memory of the running event loop; None in a thread, which has none.
Remembered = Callable[[], Memory | None]
