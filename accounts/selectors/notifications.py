"""Reads of what users were told."""

from __future__ import annotations

from accounts.models import Notification


def list_notifications(user_id: int, limit: int, before: int | None = None) -> list[Notification]:
    """What a user was told, newest first; with `before` only what has a lower id."""
    rows = Notification.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def count_unread(user_id: int) -> int:
    """How many of them were not read yet."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()
