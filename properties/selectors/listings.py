"""A host's own properties."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from core.web.drawn_pictures import picture_url
from properties.models import Property
from properties.selectors.steps import Absolute, cover_of


def list_own(*, actor: User, limit: int, before: int | None) -> list[Property]:
    """At most `limit` of the actor's properties, newest first, with an id below `before`; drafts and unlisted too."""
    rows = Property.objects.filter(host=actor).select_related("location").prefetch_related("photos").order_by("-id")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def show_listing(row: Property, absolute: Absolute) -> dict[str, Any]:
    """A row of mylistings."""
    return {
        "property_id": row.pk,
        "photo": picture_url(cover_of(row), absolute),
        "name": row.title,
        "location_name": row.location.selected_location,
        "online_type": row.online_type,
        "status": row.status,
        "steps_done": row.steps_done,
    }
