"""The start of every write to a property by its host."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from core import hooks
from core.errors import not_found
from properties.models import Property
from properties.services.calendar import lock_property
from properties.services.search import refresh_search

PRICES = 4


def lock_own_property(property_id: int, actor: User) -> Property:
    """The actor's own property, its row locked until the transaction ends. Raises `not_found`."""
    row = lock_property(property_id)
    if row.host_id != actor.pk:
        raise not_found()
    return row


def mark_step(row: Property, step: int, now: datetime) -> None:
    """Saves a locked property after a change that belongs to `step`, and brings search up to date."""
    row.steps_done = sorted({*row.steps_done, step})
    row.updated_at = now
    row.save()
    refresh_search([row.pk])
    if row.status == Property.Status.LISTED:
        hooks.nights_changed(property_id=row.pk, now=now)
    if step == PRICES and row.status == Property.Status.LISTED:
        hooks.property_priced(property_id=row.pk, now=now)
