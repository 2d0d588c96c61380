"""The room in which a guest talks about a home already."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from negotiation.models import Negotiation


def find_open_room(*, guest_id: int, property_id: int, now: datetime) -> int | None:
    """The number of the open negotiation of that guest at that home, the latest where there are several."""
    alive = Q(question_expires_at=None) | Q(question_expires_at__gt=now)
    rooms = Negotiation.objects.filter(alive, guest_id=guest_id, property_id=property_id, status="open")
    found: int | None = rooms.order_by("-pk").values_list("pk", flat=True).first()
    return found
