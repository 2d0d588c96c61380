"""Handles reservations whose body repeats a negotiation, as the frontend sends them to pay for an agreement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from bookings.models import Booking
from core.api.fields import IdField
from core.api.serializers import PlainSerializer
from core.errors import Code, DomainError, not_found
from negotiation.services.access import access_negotiation


class Echoed(PlainSerializer):
    """The fields of the body that count."""

    id = IdField()


def booking_of_echo(*, actor: User, body: Mapping[str, Any], now: datetime) -> Booking | None:
    """The booking of the negotiation that `body` echoes (`id` and `negotiation_status`); None where it echoes none.

    Nothing is booked twice. Raises: not_found (not the actor's as a guest), booking.wrong_state (still open),
    negotiation.closed (ended without agreement).
    """
    if not body.get("negotiation_status") or not body.get("id"):
        return None
    negotiation_id = Echoed.read(body)["id"]
    record, side = access_negotiation(negotiation_id, user_id=actor.pk, now=now)
    if side != "guest":
        raise not_found()
    if record.booking_id is None:
        code = Code.BOOKING_WRONG_STATE if record.status == "open" else Code.NEGOTIATION_CLOSED
        raise DomainError(code, "Nothing was agreed there.", params={"status": record.status})
    return Booking.objects.get(pk=record.booking_id)
