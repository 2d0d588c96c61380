"""The stays that moves are about, and this process's memory of them.

A negotiation's home, people and nights never change, so a move that takes its property can ask everything in one round trip where
they are remembered. They are compared with the locked row all the same: a memory that is wrong costs a second round trip.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from core.database.conversation import Talk, ask
from negotiation.engine import property_sql as sql
from negotiation.moves import Move, Open, Within
from negotiation.records import NegotiationRecord

# How many negotiations are remembered (some 0.2 KB each); the one that was noted first goes first.
MOST = 4096


class Stay(NamedTuple):
    """Whose stay it is, where and when. `host_id` is 0 where an opening names no property that exists."""

    property_id: int
    guest_id: int
    host_id: int
    start_date: date
    end_date: date

    @property
    def place(self) -> tuple[int, int, date, date]:
        """Where and when it is, and whose, as `bookings` asks for it."""
        return self.property_id, self.guest_id, self.start_date, self.end_date


_remembered: OrderedDict[int, Stay] = OrderedDict()


def stay_of(record: NegotiationRecord) -> Stay:
    """The stay that a negotiation is about."""
    return Stay(record.property_id, record.guest_id, record.host_id, record.start_date, record.end_date)


def remember(record: NegotiationRecord) -> None:
    """Notes what the negotiation is about; from any thread."""
    if record.id not in _remembered:
        _remembered[record.id] = stay_of(record)
        forget_oldest()


def forget_oldest() -> None:
    """Keeps the memory within its bound."""
    if len(_remembered) > MOST:
        _remembered.popitem(last=False)


def were_right(records: Mapping[int, NegotiationRecord], stays: Iterable[tuple[Move, Stay]]) -> bool:
    """Whether the stays are those of the locked rows; forgets those that are not."""
    wrong = [
        move.negotiation_id
        for move, stay in stays
        if isinstance(move, Within)
        and (record := records.get(move.negotiation_id)) is not None
        and stay != stay_of(record)
    ]
    for negotiation_id in wrong:
        _remembered.pop(negotiation_id, None)
    return not wrong


def find_stays(moves: Sequence[Move]) -> Talk[list[tuple[Move, Stay]]]:
    """Each move with its stay; one in a negotiation that does not exist is left out. Asks only what is not remembered."""
    known = {move.negotiation_id: _remembered.get(move.negotiation_id) for move in moves if isinstance(move, Within)}
    unknown = sorted(id for id, stay in known.items() if stay is None)
    homes = sorted({move.property_id for move in moves if isinstance(move, Open)})
    hosts: dict[int, int] = {}
    if unknown or homes:
        read, owned = yield from ask(sql.STAYS(unknown), sql.HOSTS(homes))
        known |= {row.pop("id"): Stay(**row) for row in read}
        hosts = {row["id"]: row["host_id"] for row in owned}
    found = [(move, _asked(move, hosts) if isinstance(move, Open) else known.get(_number(move))) for move in moves]
    return [(move, stay) for move, stay in found if stay is not None]


def _number(move: Move) -> int:
    return move.negotiation_id if isinstance(move, Within) else 0


def _asked(move: Open, hosts: Mapping[int, int]) -> Stay:
    # PostgreSQL accepts no reversed range; the rules refuse reversed dates later.
    end = max(move.end_date, move.start_date)
    return Stay(move.property_id, move.actor_id, hosts.get(move.property_id, 0), move.start_date, end)


def ground_of(move: Move) -> Hashable:
    """The same for two moves that would wait for each other's property, as far as this process knows."""
    if isinstance(move, Open):
        return move.property_id
    stay = _remembered.get(_number(move))
    return stay.property_id if stay else None
