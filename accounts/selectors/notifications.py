"""Reads of what users were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.db.models import Min

from accounts.events import NOTIFICATION_KINDS
from accounts.models import Notification, NotificationPreference
from core.database.compiled_queries import ABOVE_ALL_IDS, CompiledQuery, Slot, at_least

UNREAD_FOR = timedelta(minutes=5)
# A lively haggle sends a letter now and then, not one for each price.
LETTERS_APART = timedelta(minutes=30)
# A later mail would tell only of what is long over.
TOO_OLD = timedelta(days=3)
# How many are unread of the user of a statement's `accounts_user`, of the kinds that they want to see on the site.
UNREAD_OF_USER = """(SELECT count(*) FROM accounts_notification n WHERE n.user_id = accounts_user.id AND n.read_at IS NULL
    AND n.kind <> ALL(COALESCE((SELECT p.quiet_kinds FROM accounts_notificationpreference p
        WHERE p.user_id = accounts_user.id), '{}')))"""


def list_notifications(user_id: int, limit: int, before: int | None = None) -> list[Notification]:
    """What a user was told, newest first; with `before` only what has a lower id."""
    newest = _newest(at_least(limit))
    return newest(user=user_id, before=ABOVE_ALL_IDS if before is None else before)[:limit]


@lru_cache(32)
def _newest(limit: int) -> CompiledQuery:
    rows = Notification.objects.filter(user_id=Slot("user"), pk__lt=Slot("before"))
    return CompiledQuery(lambda: rows.order_by("-pk")[:limit])


def list_notifications_since(user_ids: list[int], since: datetime, *, limit: int) -> list[Notification]:
    """What these users were told from `since` on, oldest first, at most `limit`."""
    return list(Notification.objects.filter(user_id__in=user_ids, at__gte=since).order_by("pk")[:limit])


def count_unread(user_id: int) -> int:
    """How many notifications of a user are unread, of the kinds that they want to see on the site."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {UNREAD_OF_USER} FROM accounts_user WHERE id = %s", [user_id])  # noqa: S608 - a constant
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def list_quiet_kinds(user_id: int) -> list[str]:
    """The kinds that a user does not want to see on the site."""
    rows = NotificationPreference.objects.filter(pk=user_id).values_list("quiet_kinds", flat=True)
    return list(next(iter(rows), []))


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user wants by which channel: anything at all, and each kind.

    `kinds` come by mail, `push_kinds` are pushed, both when no page is open; `site_kinds` show up on the site.
    """

    mail: bool
    push: bool
    kinds: dict[str, bool]
    push_kinds: dict[str, bool]
    site_kinds: dict[str, bool]

    def wants(self, kind: str) -> bool:
        """Whether a notification of that kind is to be mailed."""
        return self.mail and self.kinds.get(kind, True)


def get_preferences(user_id: int) -> Preferences:
    """A user's preferences; everything is on where they never chose."""
    row = NotificationPreference.objects.filter(pk=user_id).first() or NotificationPreference()
    unwanted = (row.unmailed_kinds, row.unpushed_kinds, row.quiet_kinds)
    wanted = ({kind: kind not in kinds for kind in NOTIFICATION_KINDS} for kinds in unwanted)
    return Preferences(row.mail_enabled, row.push_enabled, *wanted)


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
