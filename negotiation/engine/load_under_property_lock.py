"""Locks and reads what moves that take nights need, before their negotiations: the properties, then the guests.

All code takes locks in this order: properties ascending, guests ascending, negotiations ascending (docs/design.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import display_name
from accounts.selectors.blocks import ask_blocked_pairs
from bookings.selectors.unpaid import ask_pauses, ask_unpaid
from core.database.conversation import Question, Rows, Talk, ask, put
from negotiation.engine import sql
from negotiation.engine.loaded import Comparison, Counts, Facts, TakenNights
from negotiation.moves import Move, Open, Seal, Within
from negotiation.rules.limits import COMPARED_EVERY, REGRET_PAUSE, REGRET_WITHIN
from properties.selectors.terms import ask_terms

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stay:
    """The stay that a move is about: fixed since its negotiation was opened, or asked for by an opening."""

    property_id: int
    guest_id: int
    start_date: date
    end_date: date
    # Whether the move seals a limit.
    seals: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What was found under the locks of the properties and guests."""

    stays: Sequence[Stay]
    # property → its host
    hosts: Mapping[int, int]
    # (guest, property) of each opening among the moves.
    openings: frozenset[Pair]
    # Ids of the open negotiations that an agreement would end.
    rivals: Sequence[int]


def lock_properties(moves: Sequence[Move]) -> Talk[Ground]:
    """Locks the properties and the guests of `moves`, and reads their stays and rivals under those locks."""
    ids = sorted({move.negotiation_id for move in moves if isinstance(move, Within)})
    opens = [_asked(move) for move in moves if isinstance(move, Open)]
    homes, guests = [stay.property_id for stay in opens], [stay.guest_id for stay in opens]
    nights = [stay.start_date for stay in opens], [stay.end_date for stay in opens]
    properties, stays, rivals = yield from ask(
        sql.LOCK_PROPERTIES(ids, homes),
        sql.LOCK_GUESTS(ids, guests),
        sql.STAYS(ids),
        sql.RIVALS(ids, homes, guests, *nights),
    )
    sealed = {move.negotiation_id for move in moves if isinstance(move, Seal)}
    return Ground(
        stays=[*opens, *(_read_stay(row, seals=row["id"] in sealed) for row in stays)],
        hosts={row["id"]: row["host_id"] for row in properties},
        openings=frozenset((stay.guest_id, stay.property_id) for stay in opens),
        rivals=[row["id"] for row in rivals],
    )


def _asked(move: Open) -> Stay:
    end = max(
        move.end_date, move.start_date
    )  # the rules refuse reversed dates later; PostgreSQL accepts no reversed range
    return Stay(move.property_id, move.actor_id, move.start_date, end, seals=move.limit is not None)


def _read_stay(row: Mapping[str, Any], *, seals: bool) -> Stay:
    return Stay(row["property_id"], row["guest_id"], row["start_date"], row["end_date"], seals=seals)


def read_facts(ground: Ground, *, now: datetime, counted: bool) -> Talk[Facts]:
    """Reads the facts by which those moves are judged. The caller's transaction holds the properties' locks.

    Without `counted` the openings and bids of the day are not counted.
    """
    stays = ground.stays
    if not stays:
        return Facts()
    properties = sorted({stay.property_id for stay in stays})
    guests = sorted({stay.guest_id for stay in stays})
    pairs = sorted({(stay.guest_id, stay.property_id) for stay in stays})
    sealing = [stay for stay in stays if stay.seals]
    blocked = {(guest, ground.hosts[home]) for guest, home in ground.openings if home in ground.hosts}
    terms, unpaid, taken, names, blocks, pauses, counts, compared, regrets = yield from put(
        ask_terms(properties),
        ask_unpaid(guests, now=now),
        _ask_taken(properties, stays, now),
        _ask_names({*guests, *ground.hosts.values()}),
        ask_blocked_pairs(blocked | {(host, guest) for guest, host in blocked}),
        ask_pauses(pairs, now=now),
        _ask_counts(pairs if counted else [], ground.openings, now=now),
        _ask_compared(sorted({(stay.guest_id, stay.property_id) for stay in sealing}), now=now),
        _ask_regrets(sorted({stay.guest_id for stay in sealing}), now=now),
    )
    return Facts(
        terms=terms,
        unpaid=unpaid,
        taken=taken,
        names=names,
        blocks=blocks,
        counts=_paused(counts, pairs, pauses),
        compared=compared,
        regrets=regrets,
    )


def _columns(pairs: Sequence[Pair]) -> tuple[list[int], list[int]]:
    """Returns the guests and the properties as two lists of the same length."""
    return [guest for guest, _ in pairs], [home for _, home in pairs]


def _ask_compared(pairs: Sequence[Pair], *, now: datetime) -> Question[dict[Pair, list[Comparison]]]:
    def read(rows: Rows) -> dict[Pair, list[Comparison]]:
        found: dict[Pair, list[Comparison]] = {}
        for row in rows:
            done = Comparison(row["start_date"], row["end_date"], row["compared_at"])
            found.setdefault((row["guest_id"], row["property_id"]), []).append(done)
        return found

    return Question(sql.COMPARISONS(*_columns(pairs), now - COMPARED_EVERY), read)


def _ask_regrets(guests: list[int], *, now: datetime) -> Question[dict[Pair, datetime]]:
    def read(rows: Rows) -> dict[Pair, datetime]:
        return {(row["guest_id"], row["host_id"]): row["ended_at"] + REGRET_PAUSE for row in rows}

    return Question(sql.REGRETS(guests, now - REGRET_PAUSE, REGRET_WITHIN), read)


def _ask_taken(properties: list[int], stays: Sequence[Stay], now: datetime) -> Question[dict[int, list[TakenNights]]]:
    def read(rows: Rows) -> dict[int, list[TakenNights]]:
        taken: dict[int, list[TakenNights]] = {}
        for row in rows:
            nights = TakenNights(row["start_date"], row["end_date"], row["held_for"])
            taken.setdefault(row["property_id"], []).append(nights)
        return taken

    first, last = min(stay.start_date for stay in stays), max(stay.end_date for stay in stays)
    return Question(sql.TAKEN_NIGHTS(properties, first, last, now), read)


def _ask_names(user_ids: set[int]) -> Question[dict[int, str]]:
    def read(rows: Rows) -> dict[int, str]:
        return {row["id"]: display_name(row["first_name"], row["last_name"], row["username"]) for row in rows}

    return Question(sql.USER_NAMES(sorted(user_ids)), read)


def _ask_counts(pairs: Sequence[Pair], openings: Collection[Pair], *, now: datetime) -> Question[dict[Pair, Counts]]:
    def read(rows: Rows) -> dict[Pair, Counts]:
        return {
            (row["guest_id"], row["property_id"]): Counts(
                opened=row["opened"],
                first_opened_at=row["first_opened_at"],
                bids=row["bids"],
                first_bid_at=row["first_bid_at"],
                questions=row["questions"],
                first_question_at=row["first_question_at"],
            )
            for row in rows
        }

    opens = [pair in openings for pair in pairs]
    return Question(sql.DAY_COUNTS(*_columns(pairs), now - timedelta(days=1), opens), read)


def _paused(
    counts: Mapping[Pair, Counts], pairs: Sequence[Pair], pauses: Mapping[Pair, datetime]
) -> dict[Pair, Counts]:
    """Returns counts for every pair, completed with the pauses."""
    found = {pair: counts.get(pair) or Counts() for pair in pairs}
    for pair, until in pauses.items():
        found[pair].paused_until = until
    return found
