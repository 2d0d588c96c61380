"""Saves homes for a user, and removes them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.errors import Code, DomainError, invalid, not_found
from core.said import said
from properties.models import Property, SavedHome

MOST_SAVED = 500


def save_home(*, actor: User, property_id: int, now: datetime) -> None:
    """Saves a listed home for the actor. A repeat is harmless, also once the home is unlisted.

    Raises `not_found` (drafts too), `property.not_listed`, `invalid` (more than 500). The actor's row is locked, or two at
    once would each count without the other.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.pk)
        mine = SavedHome.objects.filter(user=actor)
        if mine.filter(property_id=property_id).exists():
            return
        home = _listed(property_id)
        if mine.count() >= MOST_SAVED:
            raise invalid(property_id=said("You keep %(most)s homes already; take some out first.", most=MOST_SAVED))
        SavedHome.objects.create(user=actor, property=home, title=home.title, created_at=now)


def _listed(property_id: int) -> Property:
    found = Property.objects.filter(pk=property_id).exclude(status=Property.Status.DRAFT).first()
    if found is None:
        raise not_found()
    if found.status != Property.Status.LISTED:
        raise DomainError(Code.PROPERTY_NOT_LISTED, "This property is not let at the moment.")
    return found


def forget_home(*, actor: User, property_id: int) -> None:
    """Removes a home from those that the actor has saved. A repeat is harmless, and so is a home that was never saved."""
    SavedHome.objects.filter(user=actor, property_id=property_id).delete()
