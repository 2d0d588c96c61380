"""A property's calendar for other calendars: busy nights, nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from core.errors import not_found
from properties.models import CalendarEntry, Property
from properties.rules.spans import span_of
from properties.selectors.today import today_at

DAYS_BACK, DAYS_AHEAD = 30, 730


@dataclass(frozen=True, slots=True)
class BusyNights:
    """Nights that are gone, half-open. `uid` stays the same as long as the entry does."""

    uid: str
    start: date
    end: date


def feed_token(row: Property) -> str:
    """43 characters that nobody guesses, made of the property's nonce and the server's key: the table alone has none."""
    seed = f"ical:{row.pk}:{row.ical_nonce}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), seed, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def feed_path(row: Property) -> str:
    """The path of a property's own calendar feed; whoever knows it may read it."""
    return f"/ical/{feed_token(row)}.ics"


def get_busy_nights(token: str, now: datetime) -> Sequence[BusyNights]:
    """The busy nights of the property that a feed belongs to. Raises `not_found` for a wrong or replaced token."""
    row = Property.objects.filter(ical_token_hash=token_hash(token)).first()
    if row is None:
        raise not_found()
    today = today_at(row, now)
    entries = CalendarEntry.objects.filter(
        Q(held_until=None) | Q(held_until__gt=now),
        property=row,
        nights__endswith__gt=today - timedelta(DAYS_BACK),
        nights__startswith__lt=today + timedelta(DAYS_AHEAD),
    ).order_by("nights")
    host = settings.PUBLIC_URL.partition("://")[2]
    return [BusyNights(f"{e.pk}@{host}", *span_of(e.nights)) for e in entries]
