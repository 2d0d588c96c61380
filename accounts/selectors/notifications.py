"""Reads of what users were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from accounts.events import NOTIFICATION_KINDS
from accounts.models import Notification, NotificationPreference

UNREAD_FOR = timedelta(minutes=5)
# A lively haggle sends a letter now and then, not one for each price.
LETTERS_APART = timedelta(minutes=30)
# A later mail would tell only of what is long over.
TOO_OLD = timedelta(days=3)


def list_notifications(user_id: int, limit: int, before: int | None = None) -> list[Notification]:
    """What a user was told, newest first; with `before` only what has a lower id."""
    rows = Notification.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def count_unread(user_id: int) -> int:
    """How many notifications of a user are unread."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user wants by e-mail when no tab is open: anything at all, and each kind."""

    mail: bool
    kinds: dict[str, bool]

    def wants(self, kind: str) -> bool:
        """Whether a notification of that kind is to be mailed."""
        return self.mail and self.kinds.get(kind, True)


def get_preferences(user_id: int) -> Preferences:
    """A user's preferences; everything is on where they never chose."""
    row = NotificationPreference.objects.filter(pk=user_id).first() or NotificationPreference()
    return Preferences(row.mail_enabled, {kind: kind not in row.unmailed_kinds for kind in NOTIFICATION_KINDS})


def list_users_to_mail(now: datetime, limit: int) -> list[int]:
    """Users with something unread for `UNREAD_FOR` that no mail told of yet, those who wait longest first.

    Only users whose address is confirmed count: a haggle must not be told to a stranger's mailbox.
    """
    waiting = Notification.objects.filter(read_at=None, mailed_at=None, at__lte=now - UNREAD_FOR, at__gt=now - TOO_OLD)
    reachable = waiting.filter(user__email_confirmed_at__isnull=False)
    rested = reachable.exclude(user__notification_preference__digest_at__gt=now - LETTERS_APART)
    free = rested.exclude(user__notification_preference__digest_claimed_until__gt=now)
    return list(
        free.values("user_id").annotate(first=Min("at")).order_by("first").values_list("user_id", flat=True)[:limit]
    )
