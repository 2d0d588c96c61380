"""Taking a property off the market and putting it back; drafts that are never finished."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from core import hooks
from core.api.idempotency import Plain, run_once
from properties.models import CalendarEntry, Property
from properties.services.calendar import lock_property
from properties.services.files import delete_after_commit
from properties.services.ownership import lock_own_property
from properties.services.search import refresh_search
from properties.services.steps import NEEDED_ONCE_LISTED, check_complete

DRAFT_DAYS = 30
DRAFTS_AT_ONCE = 200


def change_market(verb: str, *, property_id: int, actor: User, key: str | None, now: datetime) -> Plain:
    """`{property_id, status}` after `verb`, unlist or relist, done once for each `key`. Raises what these two raise."""
    change = {"unlist": unlist_property, "relist": relist_property}[verb]

    def do() -> Plain:
        return {"property_id": property_id, "status": change(property_id=property_id, actor=actor, now=now).status}

    fields = {"property_id": property_id}
    return run_once(account_id=actor.pk, key=key, kind=f"property.{verb}", fields=fields, now=now, do=do).outcome


def unlist_property(*, property_id: int, actor: User, now: datetime) -> Property:
    """The actor's own property leaves the market; open negotiations end. Agreed stays remain. Again: nothing to do.

    Raises `not_found`; `registration.incomplete` for a draft.
    """
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        check_complete(row, NEEDED_ONCE_LISTED)
        return take_off(row, now)


def take_off(row: Property, now: datetime) -> Property:
    """Unlists a locked property. Whether the caller may is not asked here."""
    if row.status == Property.Status.LISTED:
        _change(row, Property.Status.UNLISTED, now)
        hooks.property_unlisted(property_id=row.pk, now=now)
    return row


def unlist_by_staff(*, property_ids: Iterable[int], now: datetime) -> int:
    """Takes these properties off the market, each in a transaction of its own. Returns how many were on it."""
    count = 0
    for property_id in property_ids:
        with transaction.atomic():
            row = lock_property(property_id)
            count += row.status == Property.Status.LISTED
            take_off(row, now)
    return count


def relist_property(*, property_id: int, actor: User, now: datetime) -> Property:
    """Back on the market. Raises `not_found`; `registration.incomplete` for what never was complete."""
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        check_complete(row, NEEDED_ONCE_LISTED)
        if row.status == Property.Status.UNLISTED:
            _change(row, Property.Status.LISTED, now)
        return row


def _change(row: Property, status: str, now: datetime) -> None:
    row.status, row.updated_at = status, now
    row.save(update_fields=["status", "updated_at"])
    refresh_search([row.pk])


def unlist_all_of(*, user_id: int, now: datetime, **_: Any) -> None:
    """Takes all properties of a closed account off the market, in the caller's transaction."""
    ids = Property.objects.filter(host_id=user_id, status=Property.Status.LISTED).order_by("pk")
    for property_id in ids.values_list("pk", flat=True):
        take_off(lock_property(property_id), now)


def delete_stale_drafts(now: datetime) -> int:
    """Deletes a bounded number of drafts that were not touched for 30 days. Returns how many."""
    with transaction.atomic():
        stale = Property.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            status=Property.Status.DRAFT, updated_at__lte=now - timedelta(days=DRAFT_DAYS)
        )
        drafts = list(stale.order_by("updated_at")[:DRAFTS_AT_ONCE])
        for draft in drafts:
            delete_after_commit(_files_of(draft))
            CalendarEntry.objects.filter(property=draft).delete()
            draft.delete()
        return len(drafts)


def _files_of(row: Property) -> list[str]:
    photos = [file for photo in row.photos.all() for file in (photo.image, photo.thumbnail)]
    dishes = [meal.photo for meal in row.meals.all()]
    return [file.name for file in (*photos, *dishes, row.paying_guest_photo) if file.name]
