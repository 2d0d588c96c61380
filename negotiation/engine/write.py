"""One trip that writes everything a unit of work came to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.db import connection

from accounts.events import notification_frame, user_topic
from core.database.rows import fetch_rows
from core.live.publishing import Publication
from negotiation.columns import ENTRY, FREEZE, MOVE, NEGOTIATION, NOTIFICATION, OFFER, STORED_OUTCOME
from negotiation.engine import sql
from negotiation.engine.draft import Draft, NewEntry, NewNotification, NewOutcome
from negotiation.events import entry_frame, negotiation_topic, seen_frame
from negotiation.records import NegotiationRecord

ENTRY_NAMES, OUTCOME_NAMES = ENTRY.names(), STORED_OUTCOME.names()
NOTIFICATION_NAMES = tuple(name for name in NOTIFICATION.names() if name != "id")
MOVED, FROZEN = ("id", *NEGOTIATION.written_by(MOVE)), ("id", *NEGOTIATION.written_by(FREEZE))


def write_draft(draft: Draft, *, since: float = 0.0) -> list[Publication]:
    """Writes the draft; returns what is to be published once it is committed, encoded. `since`: see `Publication`.

    Raises IntegrityError where a constraint is broken, among them a command's key that was stored meanwhile.
    """
    new = [record for record in draft.negotiations.values() if record.is_new]
    changes = [{"id": id, "status": status, "expires_at": at} for id, (status, at) in draft.offer_changes.items()]
    params = [*_tables(draft), *([_json(record.as_row(NEGOTIATION.names()) for record in new)] if new else [])]
    statement = (sql.WRITE_AND_OPEN if new else sql.WRITE).on_this_connection()
    if changes:
        statement = f"{sql.CHANGE_OFFERS.on_this_connection()};{statement}"
        params = [_json(changes), *params]
    ids = [row["id"] for row in fetch_rows(statement, params)]
    _freeze_anew(record for record in draft.negotiations.values() if record.refrozen and not record.is_new)
    return _publications(draft, ids, since)


def _tables(draft: Draft) -> list[str]:
    """The rows for each table, in the order of the statement's parameters."""
    return [
        _json(record.as_row(MOVED) for record in draft.negotiations.values() if not record.is_new),
        _json(offer.as_row(OFFER.names()) for offer in draft.offers.values()),
        _json(_entry(entry) for entry in draft.entries),
        _json(_outcome(outcome) for outcome in draft.outcomes),
        _json(_columns(note, NOTIFICATION_NAMES) for note in draft.notifications),
    ]


def _freeze_anew(records: Iterable[NegotiationRecord]) -> None:
    rows = [record.as_row(FROZEN) for record in records]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(sql.FREEZE_TERMS.on_this_connection(), [_json(rows)])


def _publications(draft: Draft, notification_ids: list[int], since: float) -> list[Publication]:
    entries = [
        Publication(
            negotiation_topic(e.negotiation_id),
            entry_frame(e.negotiation_id, e.seq, e.kind, e.actor, e.data, e.at, e.via),
            e.seq,
            since,
        )
        for e in draft.entries
    ]
    told = [
        Publication(user_topic(note.user_id), orjson.dumps(_notification(note, id)), id)
        for note, id in zip(draft.notifications, notification_ids, strict=True)
    ]
    looks = [Publication(negotiation_topic(id), seen_frame(id, side, seq)) for id, side, seq in draft.looks]
    return looks + entries + told


def _notification(note: NewNotification, id: int) -> dict[str, Any]:
    return notification_frame(
        id=id, kind=note.kind, title=note.title, negotiation_id=note.negotiation_id, booking_id=note.booking_id,
        property_id=note.property_id, at=note.at, read=False,
    )  # fmt: skip


def _entry(entry: NewEntry) -> dict[str, Any]:
    return _columns(entry, ENTRY_NAMES) | {"data": orjson.Fragment(entry.data)}


def _outcome(outcome: NewOutcome) -> dict[str, Any]:
    return _columns(outcome, OUTCOME_NAMES) | {"fingerprint": f"\\x{outcome.fingerprint.hex()}"}


def _columns(part: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(part, name) for name in names}


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows), default=str).decode()
