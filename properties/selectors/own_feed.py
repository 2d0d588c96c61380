"""Reads what our own feed of a home held, so that echoes of it are recognised."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from properties.models import CalendarEntry, PastEntry, ServedClosure
from properties.rules.echoes import OwnEntry, OwnFeed
from properties.rules.spans import span_of

ELSEWHERE = CalendarEntry.Kind.ELSEWHERE


def feed_host() -> str:
    """The host name behind the @ of our UIDs."""
    return str(settings.PUBLIC_URL.partition("://")[2])


def get_own_feed(property_id: int, today: date) -> OwnFeed:
    """Entries and closed nights of the feed that end after `today`, ended entries included. Three queries."""
    here = {"property_id": property_id, "nights__endswith__gt": today}
    kept = CalendarEntry.objects.filter(**here).exclude(kind=ELSEWHERE).values_list("pk", "nights", "created_at")
    gone = PastEntry.objects.filter(**here).values_list("entry_id", "nights", "created_at", "ended_at")
    closed = ServedClosure.objects.filter(**here).values_list("nights", "first_at", "last_at")
    entries = [
        *(OwnEntry(span_of(nights), since) for _, nights, since in kept),
        *(OwnEntry(span_of(nights), since, until) for _, nights, since, until in gone),
        *(OwnEntry(span_of(nights), since, until) for nights, since, until in closed),
    ]
    ids = frozenset([entry_id for entry_id, *_ in kept] + [entry_id for entry_id, *_ in gone])
    return OwnFeed(property_id, feed_host(), ids, entries)
