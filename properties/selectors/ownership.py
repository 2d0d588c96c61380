"""Reads a property for its host; for other users it does not exist."""

from __future__ import annotations

from accounts.models import User
from core.errors import not_found
from properties.models import Property


def get_own_property(property_id: int, actor: User) -> Property:
    """The actor's own property, draft or not. Raises `not_found`."""
    row = Property.objects.filter(pk=property_id, host=actor).first()
    if row is None:
        raise not_found()
    return row
