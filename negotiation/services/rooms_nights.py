"""Both sides in a room are told when the nights that they haggle about go, and when they are free again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core.live.publishing import Publication, publish
from negotiation.events import negotiation_topic, nights_frame
from negotiation.selectors.rooms_nights import list_rooms_nights


def report_nights(*, property_id: int, now: datetime, **_: Any) -> None:
    """Pushes the state of the nights to each open room about a home, once this is committed, as it then is.

    It is what a room is told and nothing that is kept: who comes later reads it with the room. So a failure here is a
    line in the log, and not the caller's.
    """
    transaction.on_commit(lambda: _push(property_id, now), robust=True)


def _push(property_id: int, now: datetime) -> None:
    rooms = list_rooms_nights(property_id, now=now)
    publish([Publication(negotiation_topic(id), nights_frame(id, free)) for id, free in rooms.items()])
