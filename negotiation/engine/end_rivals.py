"""Ends negotiations that became pointless, for instance the rivals of an agreement."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import orjson

from negotiation.engine.draft import NewEntry, NewNotification
from negotiation.engine.loaded import Rival
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.notification_titles import title
from negotiation.records import NegotiationRecord
from negotiation.rules import transitions as rules

KIND = "negotiation.superseded"


def end_rivals(work: UnitOfWork, record: NegotiationRecord) -> None:
    """Ends every other open negotiation that an agreement on `record` makes pointless, ascending by id."""
    for rival, reason in list(_rivals_of(work, record)):
        if isinstance(rival, Rival):
            _supersede_rival(work, rival, reason)
        else:
            supersede(work, rival, reason)


def _rivals_of(work: UnitOfWork, record: NegotiationRecord) -> Iterator[tuple[NegotiationRecord | Rival, str]]:
    """Yields these negotiations with the reason why each ends."""
    others: list[NegotiationRecord | Rival] = [*work.records.values(), *work.facts.rivals.values()]
    for other in sorted(others, key=attrgetter("id")):
        if other.id == record.id or other.status != "open" or not _share_a_night(record, other):
            continue
        if other.property_id == record.property_id:
            yield other, "dates.taken"
        elif other.guest_id == record.guest_id:
            yield other, "guest.booked"


def _share_a_night(a: NegotiationRecord, b: NegotiationRecord | Rival) -> bool:
    return a.start_date < b.end_date and b.start_date < a.end_date


def supersede(work: UnitOfWork, record: NegotiationRecord, reason: str) -> None:
    """Ends a negotiation that became pointless, for `reason`. One whose time is over expires instead."""
    work.expire(record)
    if record.status != "open":
        return
    work.end(record, rules.end(record.haggle, "superseded"), "system", offer_status="superseded")
    work.emit(record, KIND, "system", {"reason": reason})
    work.notify_both(record, KIND, because=reason)


def _supersede_rival(work: UnitOfWork, rival: Rival, reason: str) -> None:
    """Does what `supersede` does to a negotiation that was read whole."""
    draft = work.draft
    rival.status, rival.last_seq, rival.updated_at = "superseded", rival.last_seq + 1, max(work.now, rival.updated_at)
    if rival.offer_id is not None:
        work.change_offer(rival.offer_id, "superseded")
    work.machine.release(rival.id)
    draft.superseded.append(rival)
    draft.ended.add(rival.id)
    data = orjson.dumps({"reason": reason})
    draft.entries.append(NewEntry(rival.id, rival.last_seq, KIND, "system", data, rival.updated_at))
    text = title(f"{KIND}:{reason}", who="", home=rival.title)
    draft.notifications += [
        NewNotification(
            user_id=user_id, kind=KIND, title=text, negotiation_id=rival.id, property_id=rival.property_id, at=work.now
        )
        for user_id in (rival.guest_id, rival.host_id)
    ]
