"""Telling users of things: stored in the caller's transaction, pushed to their sockets once it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.events import notification_frame, unread_frame, user_topic
from accounts.models import Notification
from accounts.selectors.notifications import count_unread
from core.errors import not_found
from core.live.publishing import Publication, frame_of, publish, publish_on_commit

TITLE_LENGTH = 300
# The class of the advisory locks under which unread notifications are counted.
UNREAD_LOCK = 0x756E7264


def notify(
    *,
    user_id: int,
    kind: str,
    title: str,
    now: datetime,
    negotiation_id: int | None = None,
    booking_id: int | None = None,
    property_id: int | None = None,
) -> Notification:
    """Tells one user of one thing. `kind` is one of `events.NOTIFICATION_KINDS`."""
    row = Notification(
        user_id=user_id,
        kind=kind,
        title=title,
        at=now,
        negotiation_id=negotiation_id,
        booking_id=booking_id,
        property_id=property_id,
    )
    return notify_many([row])[0]


def notify_many(rows: Sequence[Notification]) -> list[Notification]:
    """Stores unsaved notifications with one statement and pushes each after the commit."""
    for row in rows:
        row.title = row.title[:TITLE_LENGTH]
    stored = Notification.objects.bulk_create(rows)
    publish_on_commit([publication_of(row) for row in stored])
    return stored


def publication_of(row: Notification) -> Publication:
    """A stored notification as its user's sockets get it."""
    frame = notification_frame(
        id=row.pk,
        kind=row.kind,
        title=row.title,
        at=row.at,
        negotiation_id=row.negotiation_id,
        booking_id=row.booking_id,
        property_id=row.property_id,
        read=row.read_at is not None,
    )
    return Publication(user_topic(row.user_id), frame_of(frame), row.pk)


def read_notification(*, user_id: int, notification_id: int, now: datetime) -> int:
    """Marks one as read. Returns how many are unread then. Raises `not_found` for another user's. A repeat is harmless."""
    own = Notification.objects.filter(user_id=user_id, pk=notification_id)
    if not own.filter(read_at=None).update(read_at=now) and not own.exists():
        raise not_found()
    return push_unread(user_id)


def read_all_notifications(*, user_id: int, now: datetime) -> int:
    """Marks all as read. Returns how many are unread then: those that came meanwhile."""
    Notification.objects.filter(user_id=user_id, read_at=None).update(read_at=now)
    return push_unread(user_id)


def push_unread(user_id: int) -> int:
    """Counts a user's unread ones, after the commit that changed them, and tells all their sockets.

    It counts and hands over under a lock for each user, so that the figure that is sent last is the latest one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [UNREAD_LOCK, user_id % 2**31])
        unread = count_unread(user_id)
        publish([Publication(user_topic(user_id), frame_of(unread_frame(unread)))])
    return unread
