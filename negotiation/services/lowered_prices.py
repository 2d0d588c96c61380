"""Tells both sides when a host's edit brings the list price to or below a standing bid, in the edit's own transaction.

The guest would pay more by haggling than other guests pay without. The frozen list amount of the negotiation stays.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.database.plain import converse
from core.live.publishing import publish_on_commit
from core.money import money
from negotiation.engine.load_negotiations import lock_negotiations
from negotiation.engine.transaction import new_unit_of_work
from negotiation.engine.unit_of_work import UnitOfWork
from negotiation.engine.write import write_draft
from negotiation.models import Entry, Negotiation
from negotiation.records import NegotiationRecord
from negotiation.selectors.list_prices import list_amount_at
from properties.selectors.terms import get_terms

KIND = "list.lowered"


def report_lowered(*, property_id: int, now: datetime, **_: Any) -> int:
    """Writes `list.lowered` to each negotiation to which it is new; the caller holds the property's row. Returns how many."""
    terms = get_terms(property_id)
    ids = Negotiation.objects.filter(property_id=property_id, status="open").values_list("pk", flat=True)
    work = new_unit_of_work(converse(lock_negotiations(sorted(ids))), now=now)
    bids = {id: bid for id, record in work.records.items() if (bid := _bid_of(work, record)) is not None}
    told = _told(list(bids))
    for id, bid in bids.items():
        today = list_amount_at(terms, work.records[id], now=now) if terms else None
        # A negotiation that was told of an equal or lower price since the bid was made gets nothing new.
        if today is not None and today <= bid and not (id in told and told[id] <= today):
            _tell(work, work.records[id], today)
    if work.draft:
        publish_on_commit(converse(write_draft(work.draft)))
    return len(work.draft.entries)


def _bid_of(work: UnitOfWork, record: NegotiationRecord) -> Decimal | None:
    """The guest's standing bid; one that is past its time expires first."""
    work.expire(record)
    standing = record.haggle.standing
    return standing.amount if record.status == "open" and standing and standing.by == "guest" else None


def _told(ids: list[int]) -> dict[int, Decimal]:
    """The list amount that each negotiation was last told of since its last offer."""
    lines = Entry.objects.filter(negotiation_id__in=ids, kind__in=(KIND, "offer.made")).order_by("seq")
    told: dict[int, Decimal] = {}
    for id, kind, data in lines.values_list("negotiation_id", "kind", "data"):
        if kind == KIND:
            told[id] = Decimal(data["list_amount"])
        else:
            told.pop(id, None)
    return told


def _tell(work: UnitOfWork, record: NegotiationRecord, today: Decimal) -> None:
    work.emit(record, KIND, "system", {"list_amount": money(today)})
    work.notify(record, "guest", KIND, today)
    work.notify(record, "host", KIND, today)
