"""Finds the open negotiation of a guest about a home."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from negotiation.models import Negotiation


def find_open_room(*, guest_id: int, property_id: int, now: datetime) -> int | None:
    """The id of that guest's open negotiation about that home; the latest of several."""
    alive = Q(question_expires_at=None) | Q(question_expires_at__gt=now)
    rooms = Negotiation.objects.filter(alive, guest_id=guest_id, property_id=property_id, status="open")
    found: int | None = rooms.order_by("-pk").values_list("pk", flat=True).first()
    return found
