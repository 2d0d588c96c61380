"""The fallback by e-mail: what was not seen for five minutes, in one letter a user."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.mail_links import one_click_unsubscribe_link, unsubscribe_link
from accounts.models import Notification, NotificationPreference, User
from accounts.selectors.notifications import LETTERS_APART, get_preferences, list_users_to_mail
from accounts.services.mailing import Delivery, doubt_pause, send_to
from core.live.presence import online_users

LOOKED_AT = 500
LETTERS = 20
LINES = 30


def send_digests(now: datetime) -> int:
    """A clock job: mails those who have no live socket and did not read for five minutes. How many letters.

    At most one in half an hour for each. Ends early while the mail server is away: the rest waits for the next pass. An
    address that does not take its letter holds up no other letter.
    """
    waiting = list_users_to_mail(now, LOOKED_AT)
    online, sent = online_users(waiting), 0
    for user_id in [one for one in waiting if one not in online][:LETTERS]:
        outcome = _send_digest(user_id, now)
        if outcome is None:
            break
        sent += outcome
    return sent


def _send_digest(user_id: int, now: datetime) -> int | None:
    """Sends a user's letter: 1 if it was sent, 0 where none was wanted or taken, None where the mail server is away."""
    user = User.objects.get(pk=user_id)
    rows = _claim(user_id, now)
    preferences = get_preferences(user_id)
    wanted = [row for row in rows if preferences.wants(row.kind)]
    if not wanted or not user.is_active:
        return 0
    done = send_to(user, subject_of(wanted), "digest", digest_context(user, wanted), **unsubscribe_headers(user))
    if done is not Delivery.SENT:
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=None)
    if done is Delivery.AWAY:
        return None
    # What may have arrived already is not sent again within the hour, and then after ever longer pauses.
    pause = doubt_pause(min(row.at for row in rows), now) - LETTERS_APART if done is Delivery.DOUBTFUL else timedelta(0)
    NotificationPreference.objects.update_or_create(user=user, defaults={"digest_at": now + pause})
    return int(done is Delivery.SENT)


def _claim(user_id: int, now: datetime) -> list[Notification]:
    """All notifications of a user that are unread and not yet mailed, newest first. Another pass skips them meanwhile."""
    with transaction.atomic():
        unread = Notification.objects.select_for_update().filter(user_id=user_id, read_at=None, mailed_at=None)
        rows = list(unread.order_by("-pk"))
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    return rows


def subject_of(rows: list[Notification]) -> str:
    """The subject: what happened where it was one thing, else how many things. It has one line."""
    return " ".join(rows[0].title.split()) if len(rows) == 1 else f"{len(rows)} things happened at StayNest"


def digest_context(user: User, rows: list[Notification]) -> dict[str, object]:
    """What the letter says: a line for each thing that happened, with how often."""
    lines = list(Counter(row.title for row in rows).items())
    return {
        "lines": lines[:LINES],
        "more": sum(times for _, times in lines[LINES:]),
        "link": f"{settings.PUBLIC_URL}/notifications/",
        "unsubscribe": unsubscribe_link(user.pk),
    }


def unsubscribe_headers(user: User) -> dict[str, str]:
    """What lets a mail program offer to unsubscribe with one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{one_click_unsubscribe_link(user.pk)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
