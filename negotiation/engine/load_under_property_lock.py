"""Locks and reads what moves that take nights need: properties, guests, negotiations with their rivals, and the facts.

All code takes locks in this order: properties ascending, guests ascending, negotiations ascending (docs/design.md). Locks and
reads are one round trip: each statement sees what was committed before it began, so those behind a lock see what was done before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from accounts.models import display_name
from accounts.selectors.blocks import ask_blocked_pairs
from bookings.selectors.holds_in_the_way import ask_in_the_way
from bookings.selectors.unpaid import ask_pauses, ask_unpaid
from bookings.services.confirm_stays import ask_new_ids
from core.database.conversation import Question, Rows, Talk, ask
from core.database.prepared_statements import Query
from negotiation.engine import property_sql as sql
from negotiation.engine.load_negotiations import UNCOUNTED, load_moves, read_records
from negotiation.engine.loaded import Comparison, Counts, Facts, Lookup, Rival, TakenNights
from negotiation.engine.sql import READ_NEGOTIATIONS
from negotiation.engine.stays import Stay, find_stays, were_right
from negotiation.moves import Accept, Move, Open, Seal, Within
from negotiation.records import NegotiationRecord
from negotiation.rules.limits import COMPARED_EVERY, REGRET_PAUSE, REGRET_WITHIN
from properties.selectors.terms import ask_terms

Pair = tuple[int, int]
Columns = tuple[list[int], list[int], list[date], list[date]]


def load_with_properties(
    moves: Sequence[Move], *, now: datetime, factor: float
) -> Talk[tuple[list[Lookup], dict[int, NegotiationRecord], Facts]]:
    """Locks the properties and guests of the moves, and all negotiations concerned; reads these and the facts.

    Returns a lookup for each move, those negotiations by id, and the facts by which the moves are judged.
    """
    ground = Ground((yield from find_stays(moves)), now=now, counted=factor < UNCOUNTED)
    lookups, records, rows = yield from load_moves(
        moves, now=now, factor=factor, locks=ground.locks, more=ground.queries()
    )
    if not were_right(records, ground.stays):
        return (yield from load_with_properties(moves, now=now, factor=factor))
    facts, whole = ground.facts(rows[1:]), rows[0]
    if ground.is_of_accepts:
        facts.rivals, whole = yield from _sort_out(whole, now)
    return lookups, records | read_records(whole), facts


def _sort_out(rows: Rows, now: datetime) -> Talk[tuple[dict[int, Rival], Rows]]:
    """Returns the rivals that can only end, and whole rows of the others: their time is over, or a limit is sealed in them."""
    rivals, others = {}, []
    for row in rows:
        is_sealed, expires_at = row.pop("is_sealed"), row.pop("expires_at")
        if is_sealed or expires_at <= now:
            others.append(row["id"])
        else:
            rivals[row["id"]] = Rival(**row)
    if not others:
        return rivals, []
    [whole] = yield from ask(READ_NEGOTIATIONS(sorted(others)))
    return rivals, whole


@dataclass
class Ground:
    """What moves that take nights are about.

    Without `counted` the openings and bids of the day are not counted.
    """

    stays: Sequence[tuple[Move, Stay]]
    now: datetime
    counted: bool

    def stays_of(self, *kinds: type[Move]) -> list[Stay]:
        """The stays of the moves of these kinds."""
        return [stay for move, stay in self.stays if isinstance(move, kinds)]

    @cached_property
    def columns(self) -> Columns:
        """All stays: properties, guests, starts, ends."""
        every = [stay for _, stay in self.stays]
        return (
            [stay.property_id for stay in every],
            [stay.guest_id for stay in every],
            [stay.start_date for stay in every],
            [stay.end_date for stay in every],
        )

    def locks(self, keys: Sequence[int], own: Sequence[int]) -> Iterator[Query]:
        """Locks everything; `own` are the negotiations of the moves, `keys` the numbers of their commands."""
        properties, guests, _, _ = self.columns
        yield sql.LOCK_PROPERTIES(sorted(set(properties)))
        yield sql.LOCK_GUESTS(sorted(set(guests)))
        if keys:
            yield sql.LOCK_COMMANDS_WITH_RIVALS(*self.columns, own, keys)
        else:
            yield sql.LOCK_WITH_RIVALS(*self.columns, own)

    @property
    def is_of_accepts(self) -> bool:
        """Whether all moves are accepts, which do nothing with their rivals but end them."""
        return all(isinstance(move, Accept) for move, _ in self.stays)

    def queries(self) -> list[Query]:
        """Reads the rivals, then the facts."""
        own = [move.negotiation_id for move, _ in self.stays if isinstance(move, Within)]
        read_rivals = sql.READ_RIVALS_BRIEFLY if self.is_of_accepts else sql.READ_RIVALS
        return [read_rivals(*self.columns, own), *(question.query for question in self.questions.values())]

    @cached_property
    def questions(self) -> dict[str, Question[Any]]:
        """field of Facts → what is asked for it; only what moves of these kinds are judged by."""
        if not self.stays:
            return {}
        properties, guests, starts, ends = self.columns
        asked: dict[str, Question[Any]] = {
            "terms": ask_terms(sorted(set(properties))),
            "unpaid": ask_unpaid(sorted(set(guests)), now=self.now),
            "taken": _ask_taken(sorted(set(properties)), min(starts), max(ends), self.now),
        }
        if agreeing := self.stays_of(Accept):
            asked["in_the_way"] = ask_in_the_way(sorted({stay.place for stay in agreeing}), self.now)
            # One for each home: most often one of several accepts is a yes, and ends the rest.
            asked["booking_ids"] = ask_new_ids(len({stay.property_id for stay in agreeing}))
        return asked | self._of_openings() | self._of_seals()

    def _of_openings(self) -> dict[str, Question[Any]]:
        """What the first words about a stay are judged by, and offers and seals."""
        weighed = [stay for move, stay in self.stays if not isinstance(move, Accept)]
        if not weighed:
            return {}
        openings = self.stays_of(Open)
        blocked = {(stay.guest_id, stay.host_id) for stay in openings}
        pairs = sorted({(stay.guest_id, stay.property_id) for stay in weighed})
        opened = {(stay.guest_id, stay.property_id) for stay in openings}
        return {
            "names": _ask_names({person for stay in weighed for person in (stay.guest_id, stay.host_id)}),
            "blocks": ask_blocked_pairs(blocked | {(host, guest) for guest, host in blocked}),
            "pauses": ask_pauses(pairs, now=self.now),
            "counts": _ask_counts(pairs if self.counted else [], opened, now=self.now),
        }

    def _of_seals(self) -> dict[str, Question[Any]]:
        sealing = [s for move, s in self.stays if isinstance(move, Seal) or (isinstance(move, Open) and move.limit)]
        if not sealing:
            return {}
        return {
            "compared": _ask_compared(sorted({(stay.guest_id, stay.property_id) for stay in sealing}), now=self.now),
            "regrets": _ask_regrets(sorted({stay.guest_id for stay in sealing}), now=self.now),
        }

    def facts(self, rows: Sequence[Rows]) -> Facts:
        """The facts, from the rows of those questions."""
        found = {name: question.read(its) for (name, question), its in zip(self.questions.items(), rows, strict=True)}
        if (pauses := found.pop("pauses", None)) is not None:
            pairs = {(stay.guest_id, stay.property_id) for move, stay in self.stays if not isinstance(move, Accept)}
            found["counts"] = _paused(found["counts"], pairs, pauses)
        return Facts(**found)


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


def _ask_taken(properties: list[int], first: date, last: date, now: datetime) -> Question[dict[int, list[TakenNights]]]:
    def read(rows: Rows) -> dict[int, list[TakenNights]]:
        taken: dict[int, list[TakenNights]] = {}
        for row in rows:
            nights = TakenNights(row["start_date"], row["end_date"], row["held_for"])
            taken.setdefault(row["property_id"], []).append(nights)
        return taken

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
    counts: Mapping[Pair, Counts], pairs: Collection[Pair], pauses: Mapping[Pair, datetime]
) -> dict[Pair, Counts]:
    """Returns counts for every pair, completed with the pauses."""
    found = {pair: counts.get(pair) or Counts() for pair in pairs}
    for pair, until in pauses.items():
        found[pair].paused_until = until
    return found
