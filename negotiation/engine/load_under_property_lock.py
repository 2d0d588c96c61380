"""What moves that take nights lock and read, before their negotiations: property, guest, then every row concerned.

The order is everybody's: properties ascending, guests ascending, negotiations ascending (docs/design.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from accounts.models import display_name
from accounts.selectors.blocks import list_blocked_pairs
from bookings.selectors.unpaid import count_unpaid, list_pauses
from core.database.rows import fetch_rows
from negotiation.engine import sql
from negotiation.engine.load_negotiations import WAIT_S, lock_timeout
from negotiation.engine.loaded import Comparison, Counts, Facts, TakenNights
from negotiation.engine.moves import Move, Open, Seal, Within
from negotiation.records import NegotiationRecord
from negotiation.rules.limits import COMPARED_EVERY, REGRET_PAUSE, REGRET_WITHIN
from properties.rules.terms import PropertyTerms
from properties.selectors.terms import get_terms_map


def lock_properties(moves: Sequence[Move], *, wait_s: float = WAIT_S) -> list[int]:
    """Locks the properties and the guests of `moves`; returns the open negotiations that an agreement would end."""
    opens = [move for move in moves if isinstance(move, Open)]
    params: dict[str, Any] = {
        "wait": lock_timeout(wait_s),
        "ids": [move.negotiation_id for move in moves if isinstance(move, Within)],
        "properties": [move.property_id for move in opens],
        "guests": [move.actor_id for move in opens],
        "opens": orjson.dumps([_stay(move) for move in opens]).decode(),
    }
    statement = sql.WAIT_FOR_LOCKS.replace("%s", "%(wait)s") + sql.LOCK_PROPERTIES_AND_GUESTS
    return [row["id"] for row in fetch_rows(statement, params)]


def read_facts(moves: Sequence[Move], records: dict[int, NegotiationRecord], *, now: datetime, counted: bool) -> Facts:
    """What those moves look at. The properties' rows are held by the caller."""
    stays = [_stay_of(move, records) for move in moves]
    wanted = [stay for stay in stays if stay is not None]
    if not wanted:
        return Facts()
    properties = sorted({stay.property_id for stay in wanted})
    guests = {stay.guest_id for stay in wanted}
    terms = get_terms_map(properties)
    seals = [s for move, s in zip(moves, stays, strict=True) if s is not None and _seals(move)]
    return Facts(
        compared=_read_compared(seals, now=now),
        regrets=_read_regrets(seals, now=now),
        terms=terms,
        unpaid=count_unpaid(sorted(guests), now=now),
        taken=_read_taken(properties, wanted, now),
        names=_read_names(guests | {t.host_id for t in terms.values()}),
        blocks=_read_blocks(moves, terms),
        counts=_read_counts(sorted({(s.guest_id, s.property_id) for s in wanted}), now=now, counted=counted),
    )


def _read_blocks(moves: Sequence[Move], terms: Mapping[int, PropertyTerms]) -> set[tuple[int, int]]:
    """Blocks between those who open and their hosts. Blocking takes the guest's row too, so none comes in between."""
    opens = [move for move in moves if isinstance(move, Open) and move.property_id in terms]
    pairs = {(move.actor_id, terms[move.property_id].host_id) for move in opens}
    return list_blocked_pairs(pairs | {(host, guest) for guest, host in pairs})


def _stay_of(move: Move, records: dict[int, NegotiationRecord]) -> Open | NegotiationRecord | None:
    if isinstance(move, Open):
        return move
    return records.get(move.negotiation_id) if isinstance(move, Within) else None


def _seals(move: Move) -> bool:
    return isinstance(move, Seal) or (isinstance(move, Open) and move.limit is not None)


def _read_compared(stays: list[Open | NegotiationRecord], *, now: datetime) -> dict[tuple[int, int], list[Comparison]]:
    found: dict[tuple[int, int], list[Comparison]] = {}
    if not stays:
        return found
    params = {"pairs": _pairs_json({(s.guest_id, s.property_id) for s in stays}), "since": now - COMPARED_EVERY}
    for row in fetch_rows(sql.COMPARISONS, params):
        done = Comparison(row["start_date"], row["end_date"], row["compared_at"])
        found.setdefault((row["guest_id"], row["property_id"]), []).append(done)
    return found


def _read_regrets(stays: list[Open | NegotiationRecord], *, now: datetime) -> dict[tuple[int, int], datetime]:
    if not stays:
        return {}
    guests = sorted({stay.guest_id for stay in stays})
    params = {"guests": guests, "since": now - REGRET_PAUSE, "within": REGRET_WITHIN}
    rows = fetch_rows(sql.REGRETS, params)
    return {(row["guest_id"], row["host_id"]): row["ended_at"] + REGRET_PAUSE for row in rows}


def _pairs_json(pairs: Iterable[tuple[int, int]]) -> str:
    return orjson.dumps([{"guest_id": guest, "property_id": home} for guest, home in sorted(pairs)]).decode()


def _read_taken(
    properties: list[int], stays: list[Open | NegotiationRecord], now: datetime
) -> dict[int, list[TakenNights]]:
    params: dict[str, Any] = {
        "properties": properties,
        "start": min(stay.start_date for stay in stays),
        "end": max(stay.end_date for stay in stays),
        "now": now,
    }
    if params["start"] >= params["end"]:  # only reversed dates: refused before any night is looked at
        return {}
    taken: dict[int, list[TakenNights]] = {}
    for row in fetch_rows(sql.TAKEN_NIGHTS, params):
        nights = TakenNights(row["start_date"], row["end_date"], row["held_for"])
        taken.setdefault(row["property_id"], []).append(nights)
    return taken


def _read_names(user_ids: set[int]) -> dict[int, str]:
    rows = fetch_rows(sql.USER_NAMES, [sorted(user_ids)])
    return {row["id"]: display_name(row["first_name"], row["last_name"], row["username"]) for row in rows}


def _read_counts(pairs: list[tuple[int, int]], *, now: datetime, counted: bool) -> dict[tuple[int, int], Counts]:
    pauses = list_pauses(pairs, now=now)
    counts = {pair: Counts(paused_until=pauses.get(pair)) for pair in pairs}
    if not counted:
        return counts
    for row in fetch_rows(sql.DAY_COUNTS, {"pairs": _pairs_json(pairs), "since": now - timedelta(days=1)}):
        found = counts[row["guest_id"], row["property_id"]]
        found.opened, found.first_opened_at = row["opened"], row["first_opened_at"]
        found.bids, found.first_bid_at = row["bids"], row["first_bid_at"]
    return counts


def _stay(move: Open) -> dict[str, Any]:
    end = max(move.end_date, move.start_date)  # reversed dates are refused later; a range must not be
    return {"property_id": move.property_id, "guest_id": move.actor_id, "start_date": move.start_date, "end_date": end}
