"""Deletes what the law no longer requires: bookings with their money after ten years, ids of the gateway's events sooner."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q

from bookings.models import Booking, GatewayEvent
from bookings.rules.states import ACTIVE

log = logging.getLogger(__name__)
KEPT = timedelta(days=3653)
EVENTS_KEPT = timedelta(days=90)
AT_ONCE = 200
DEEPEST = 6


def forget_old_bookings(now: datetime) -> int:
    """A daily job: deletes bookings whose stay ended ten years ago, and everything that hangs on them. Returns how many."""
    old = Booking.objects.filter(Q(check_out_at__lte=now - KEPT)).exclude(status__in=ACTIVE)
    done = 0
    for booking in old.order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            delete_with_all(booking)
            done += 1
    return done


def delete_with_all(row: models.Model, depth: int = 0) -> None:
    """Deletes a row after all rows that name it, those that protect it included."""
    if depth > DEEPEST:
        raise RecursionError(f"{row} is named too deeply to be deleted.")
    for relation in row._meta.related_objects:
        if relation.on_delete is models.SET_NULL or relation.many_to_many:
            continue
        for other in relation.related_model._base_manager.filter(**{relation.field.name: row}):
            delete_with_all(other, depth + 1)
    if type(row)._base_manager.filter(pk=row.pk).exists():
        row.delete()


def forget_gateway_events(now: datetime) -> int:
    """A daily job: deletes ids of events that no gateway sends again. Returns how many."""
    return GatewayEvent.objects.filter(received_at__lte=now - EVENTS_KEPT).delete()[0]
