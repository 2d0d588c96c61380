"""Tells both sides of open negotiations when their nights are taken, and when they are free again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core.live.publishing import Publication, publish
from negotiation.events import negotiation_topic, nights_frame
from negotiation.selectors.rooms_nights import list_rooms_nights


def report_nights(*, property_id: int, now: datetime, **_: Any) -> None:
    """Publishes the state of the nights, as it is after the commit, to each open negotiation about a home.

    The frame is not stored: clients that come later read the state with the negotiation. So a failure here is logged, and
    does not fail the caller.
    """
    transaction.on_commit(lambda: _push(property_id, now), robust=True)


def _push(property_id: int, now: datetime) -> None:
    rooms = list_rooms_nights(property_id, now=now)
    publish([Publication(negotiation_topic(id), nights_frame(id, free)) for id, free in rooms.items()])
