"""The address of a property's calendar feed: whoever has it may read the busy nights."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe

from django.db import transaction

from accounts.models import User
from properties.models import Property
from properties.selectors.feeds import feed_token, token_hash
from properties.services.ownership import lock_own_property


def new_feed(row: Property) -> None:
    """Gives a property a new address; the old one is dead. The caller saves."""
    row.ical_nonce = token_urlsafe(16)
    row.ical_token_hash = token_hash(feed_token(row))


def replace_feed(*, property_id: int, actor: User, now: datetime) -> Property:
    """A new feed address for the actor's own property. Raises `not_found`."""
    with transaction.atomic():
        row = lock_own_property(property_id, actor)
        new_feed(row)
        row.updated_at = now
        row.save(update_fields=["ical_nonce", "ical_token_hash", "updated_at"])
        return row
