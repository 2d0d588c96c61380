"""Writes the whole draft of a unit of work in one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import orjson

from accounts.events import notification_frame, user_topic
from core.database.conversation import Rows, Talk, Trip
from core.database.prepared_statements import Query
from core.live.publishing import Publication
from negotiation.columns import ENTRY
from negotiation.engine import machine_sql
from negotiation.engine import write_sql as sql
from negotiation.engine.draft import Draft, NewNotification, NewOutcome
from negotiation.engine.memory import Recalled
from negotiation.events import entry_frame, negotiation_topic, seen_frame
from negotiation.records import NegotiationRecord

_entry, _note = attrgetter(*ENTRY.names()), attrgetter(*sql.NOTE)
_superseded = attrgetter("id", "last_seq", "updated_at")
_stake = attrgetter("mandate_id", "negotiation_id", "opened", "offer_id", "accepted_offer_id", "seal")
_line = attrgetter("mandate_id", "negotiation_id", "kind", "seq", "code", "limit", "at")


def write_draft(
    draft: Draft, *, since: float = 0.0, last: bool = False, first: Sequence[Query] = ()
) -> Talk[list[Publication]]:
    """Writes the draft; returns what to publish after the commit, already encoded. `since`: see `Publication`.

    With `last` the same round trip commits. Raises IntegrityError where a constraint is broken, also where another
    transaction has stored an outcome under the same command id meanwhile.
    """
    return (yield from write_after(first, draft, since=since, last=last))[1]


def write_after(
    first: Sequence[Query], draft: Draft, *, since: float, last: bool
) -> Talk[tuple[list[Rows], list[Publication]]]:
    """Does the same, and returns the answers to the queries of `first` too."""
    told = News(draft, since)
    found = yield Trip(chain(first, _queries(draft)), last, meanwhile=told.encode)
    answered = sum(query.statement.answers for query in first)
    return found[:answered], told.publications([row["id"] for rows in found[answered:] for row in rows])


def write_remembered(recalled: Recalled, draft: Draft, *, since: float) -> Talk[tuple[list[Rows], list[Publication]]]:
    """Writes the move of a remembered negotiation, commits, and returns what the check answered too.

    Raises OperationalError where the negotiation, or something beside it, is not as remembered.
    """
    [record] = draft.negotiations.values()
    told, check = News(draft, since), recalled.check(record)
    queries = chain((recalled.move(record), check), _changes(draft), _additions(draft))
    found = yield Trip(queries, True, meanwhile=told.encode)
    answered = check.statement.answers
    return found[:answered], told.publications([row["id"] for rows in found[answered:] for row in rows])


def _queries(draft: Draft) -> Iterator[Query]:
    """Yields the statements table by table, in the order that the constraints demand."""
    yield from _changes(draft)
    moved, opened = _by_age(draft.negotiations.values())
    yield from sql.MOVE_NEGOTIATIONS([record.values(sql.MOVED) for record in moved])
    yield from sql.SUPERSEDE([_superseded(rival) for rival in draft.superseded])
    if refrozen := [record.values(sql.FROZEN) for record in moved if record.refrozen]:
        yield from sql.FREEZE_TERMS(refrozen)
    if opened:
        yield from sql.OPEN([record.values(sql.OPENED) for record in opened])
    yield from _additions(draft)


def _changes(draft: Draft) -> Sequence[Query]:
    changes = draft.offer_changes
    return sql.CHANGE_OFFERS([(id, *change) for id, change in changes.items()]) if changes else ()


def _additions(draft: Draft) -> Iterator[Query]:
    if draft.offers:
        yield from sql.ADD_OFFERS([offer.values() for offer in draft.offers.values()])
    yield from sql.ADD_ENTRIES([_entry(entry) for entry in draft.entries])
    if draft.forgotten:
        yield from sql.FORGET_OUTCOMES(draft.forgotten)
    yield from sql.STORE_OUTCOMES([_outcome(outcome) for outcome in draft.outcomes])
    yield from sql.NOTIFY([_note(note) for note in draft.notifications])
    if draft.stakes or draft.mandate_moves:
        yield from _machines_queries(draft)


def _by_age(records: Iterable[NegotiationRecord]) -> tuple[list[NegotiationRecord], list[NegotiationRecord]]:
    """Returns the negotiations that are in the database already, and the new ones."""
    there: list[NegotiationRecord] = []
    new: list[NegotiationRecord] = []
    for record in records:
        (new if record.is_new else there).append(record)
    return there, new


def _machines_queries(draft: Draft) -> Iterator[Query]:
    for stake in draft.stakes.values():
        yield machine_sql.STAKE(*_stake(stake))
    for line in draft.mandate_moves:
        yield machine_sql.LOG_MACHINE(*_line(line))


# How the frame of a notification begins; its id is known last.
_HEAD = b'{"type":"notification","id":'


class News:
    """What is published after the commit; all but the ids of notifications is encoded while the database writes."""

    def __init__(self, draft: Draft, since: float) -> None:
        self.draft, self.since = draft, since
        self.logged: list[Publication] | None = None
        # The user of each notification, and its frame behind the id.
        self.told: list[tuple[int, bytes]] = []

    def encode(self) -> None:
        """Encodes seen marks, entries, and notifications."""
        draft, since = self.draft, self.since
        looks = [Publication(negotiation_topic(id), seen_frame(id, side, seq)) for id, side, seq in draft.looks]
        entries = [
            Publication(
                negotiation_topic(e.negotiation_id),
                entry_frame(e.negotiation_id, e.seq, e.kind, e.actor, e.data, e.at, e.via),
                e.seq,
                since,
            )
            for e in draft.entries
        ]
        self.told = [(note.user_id, _behind_id(note)) for note in draft.notifications]
        self.logged = looks + entries

    def publications(self, notification_ids: Iterable[int]) -> list[Publication]:
        """All of it, in the order in which it is told."""
        if self.logged is None:
            self.encode()
        notes = zip(notification_ids, self.told, strict=True)
        frames = [(user_id, id, b"%b%d%b" % (_HEAD, id, rest)) for id, (user_id, rest) in notes]
        return [*(self.logged or ()), *(Publication(user_topic(user_id), frame, id) for user_id, id, frame in frames)]


def _behind_id(note: NewNotification) -> bytes:
    return orjson.dumps(_notification(note, 0)).removeprefix(_HEAD + b"0")


def _notification(note: NewNotification, id: int) -> dict[str, Any]:
    return notification_frame(
        id=id, kind=note.kind, title=note.title, negotiation_id=note.negotiation_id, booking_id=note.booking_id,
        property_id=note.property_id, at=note.at, read=False,
    )  # fmt: skip


def _outcome(outcome: NewOutcome) -> tuple[Any, ...]:
    body = orjson.dumps(outcome.outcome, default=str)
    return outcome.account_id, outcome.key, outcome.fingerprint, body, outcome.created_at
