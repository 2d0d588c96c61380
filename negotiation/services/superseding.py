"""Ends and informs negotiations because of something in the apps below, in that thing's own transaction.

The caller holds the row of the property concerned, and of the guest where a stay was agreed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.services.notifications import notify
from core.database.plain import converse
from core.live.publishing import publish_on_commit
from negotiation.engine.end_rivals import supersede
from negotiation.engine.load_negotiations import lock_negotiations
from negotiation.engine.metrics import note_trial
from negotiation.engine.transaction import new_unit_of_work
from negotiation.engine.write import write_draft
from negotiation.models import Negotiation
from negotiation.notification_titles import title
from properties.models import Property
from properties.rules.spans import span_of
from properties.rules.terms import PropertyTerms, inside_windows, local_today
from properties.selectors.calendar import has_free_nights
from properties.selectors.terms import get_terms


def supersede_rivals(*, property_id: int, guest_id: int, start_date: date, end_date: date, now: datetime) -> int:
    """Ends open negotiations about nights that were taken, and the guest's own about these nights elsewhere. Returns how many."""
    open_ones = _open().filter(nights__overlap=(start_date, end_date))
    here = list(open_ones.filter(property_id=property_id).values_list("pk", flat=True))
    elsewhere = list(open_ones.filter(guest_id=guest_id).exclude(property_id=property_id).values_list("pk", flat=True))
    return _supersede({**dict.fromkeys(elsewhere, "guest.booked"), **dict.fromkeys(here, "dates.taken")}, now=now)


def end_of_property(*, property_id: int, now: datetime, **_: Any) -> int:
    """Ends the open negotiations of a property that was unlisted. Returns how many."""
    ids = _open().filter(property_id=property_id).values_list("pk", flat=True)
    return _supersede(dict.fromkeys(ids, "property.unlisted"), now=now)


def end_of_account(*, user_id: int, now: datetime, **_: Any) -> int:
    """Ends the open negotiations of a closed account, on either side. Returns how many.

    Its homes are locked first, in the order of all locks: they are unlisted next, in the same transaction.
    """
    homes = Property.objects.select_for_update(no_key=True, of=("self",)).filter(host_id=user_id, status="listed")
    list(homes.order_by("pk").values_list("pk", flat=True))
    ids = _open().filter(Q(guest_id=user_id) | Q(host_id=user_id)).values_list("pk", flat=True)
    return _supersede(dict.fromkeys(ids, "account.closed"), now=now)


def lock_homes_between(*, blocker_id: int, blocked_id: int) -> None:
    """Locks the homes that two people haggle about, ascending; before the two themselves, in the order of all locks."""
    ids = _open().filter(_between(blocker_id, blocked_id)).values("property_id")
    homes = Property.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    list(homes.order_by("pk").values_list("pk", flat=True))


def end_between(*, blocker_id: int, blocked_id: int, now: datetime) -> int:
    """Ends what is open between two users of whom one blocked the other, in words that don't say why. Returns how many.

    The caller holds both users' rows, which every opening locks: so no opening is under way.
    """
    ids = _open().filter(_between(blocker_id, blocked_id)).values_list("pk", flat=True)
    return _supersede(dict.fromkeys(ids, "account.closed"), now=now)


def _between(one: int, other: int) -> Q:
    return Q(guest_id=one, host_id=other) | Q(guest_id=other, host_id=one)


def notify_dates_free(*, property_id: int, start_date: date, end_date: date, now: datetime, **_: Any) -> int:
    """Tells guests once whose negotiation ended for a stay that was then not paid: their dates are free. Returns how many.

    It tells only guests whose nights are all free now, at a listed home, with none of them past.
    """
    terms = get_terms(property_id)
    if terms is None or not terms.is_listed:
        return 0
    rivals = (
        Negotiation.objects.select_for_update(no_key=True, of=("self",))
        .filter(
            property_id=property_id,
            status="superseded",
            nights__overlap=(start_date, end_date),
            nights__startswith__gte=local_today(terms, now),
            rivals_told_at=None,
            entries__kind="negotiation.superseded",
            entries__data__reason="dates.taken",
        )
        .order_by("pk")
    )
    told = [rival for rival in rivals if _is_free(terms, rival, now)]
    for rival in told:
        notify(
            user_id=rival.guest_id,
            kind="dates.free",
            title=title("dates.free", who="", home=rival.terms["title"]),
            now=now,
            negotiation_id=rival.pk,
            property_id=property_id,
        )
    Negotiation.objects.filter(pk__in=[rival.pk for rival in told]).update(rivals_told_at=now)
    return len(told)


def _is_free(terms: PropertyTerms, rival: Negotiation, now: datetime) -> bool:
    start, end = span_of(rival.nights)
    free = has_free_nights(property_id=terms.id, start_date=start, end_date=end, now=now)
    return free and inside_windows(terms, start, end)


def _open() -> Any:
    return Negotiation.objects.filter(status="open")


def _supersede(reasons: dict[int, str], *, now: datetime) -> int:
    work = new_unit_of_work(converse(lock_negotiations(sorted(reasons))), now=now)
    for id, record in work.records.items():
        if record.status == "open":
            supersede(work, record, reasons[id])
    if work.draft:
        publish_on_commit(converse(write_draft(work.draft)))
        transaction.on_commit(lambda: note_trial(work.draft))
    return len(work.draft.negotiations)
