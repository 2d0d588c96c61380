"""A property's calendar for other calendars: its own busy nights and those that are closed, nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from core.errors import not_found
from properties.models import CalendarEntry, Property
from properties.rules.closures import closed_nights
from properties.rules.echoes import closure_uid, entry_uid
from properties.rules.ical.limits import LAST_DAY_AHEAD
from properties.rules.spans import Span, span_of
from properties.selectors.own_feed import feed_host
from properties.selectors.today import today_at

DAYS_BACK = 30


@dataclass(frozen=True, slots=True)
class FeedNights:
    """Nights that can't be booked, half-open. `uid` lasts as long as the entry; closed nights belong to no stay."""

    uid: str
    start: date
    end: date
    is_closed: bool = False


def feed_token(row: Property) -> str:
    """43 characters that can't be guessed, made of the property's nonce and the server's key: the table alone has none."""
    seed = f"ical:{row.pk}:{row.ical_nonce}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), seed, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """The stored form of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def feed_path(row: Property) -> str:
    """The path of a property's own calendar feed; anyone who has it can read the feed."""
    return f"/ical/{feed_token(row)}.ics"


def get_feed_property(token: str) -> Property:
    """The property that a feed belongs to. Raises `not_found` for a wrong or replaced token."""
    row = Property.objects.filter(ical_token_hash=token_hash(token)).first()
    if row is None:
        raise not_found()
    return row


def list_feed_nights(row: Property, now: datetime) -> list[FeedNights]:
    """The feed of a property: our stays, holds and blocks, and closed nights. It is never empty, and holds nothing that came from
    another site: that site has it already, and a third site reads it there."""
    today = today_at(row, now)
    entries = CalendarEntry.objects.filter(
        Q(held_until=None) | Q(held_until__gt=now),
        property=row,
        nights__endswith__gt=today - timedelta(DAYS_BACK),
        nights__startswith__lt=today + timedelta(LAST_DAY_AHEAD),
    ).exclude(kind=CalendarEntry.Kind.ELSEWHERE)
    busy = [FeedNights(entry_uid(e.pk, feed_host()), *span_of(e.nights)) for e in entries.order_by("nights")]
    closed = [FeedNights(closure_uid(row.pk, span, feed_host()), *span, True) for span in list_closed(row, today)]
    return busy + closed


def list_closed(row: Property, today: date) -> list[Span]:
    """The nights of a property that are closed from `today` on."""
    windows = None if row.always_open else [span_of(window.nights) for window in row.windows.all()]
    is_listed = row.status == Property.Status.LISTED
    return closed_nights(today=today, is_listed=is_listed, notice_days=row.notice_days, windows=windows)
