"""Reads of what users were told."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Notification


def list_notifications(user_id: int) -> QuerySet[Notification]:
    """Everything a user was told, newest first."""
    return Notification.objects.filter(user_id=user_id).order_by("-pk")


def count_unread(user_id: int) -> int:
    """How many of them were not read yet."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()
