"""The fallback by e-mail: tells each user in one letter what they have not seen for five minutes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.events import target_of
from accounts.mail_links import one_click_unsubscribe_link, unsubscribe_link
from accounts.models import Notification, NotificationPreference, User
from accounts.selectors.notifications import LETTERS_APART, get_preferences, list_users_to_mail
from accounts.services.mailing import Delivery, doubt_pause, send_to
from core import hooks
from core.api.fields import one_line
from core.database.claims import claim
from core.live.presence import online_users

LOOKED_AT = 500
LETTERS = 20
LINES = 30
# For how long other passes leave a letter alone that is being sent: longer than a mail server may take.
CLAIM = timedelta(minutes=2)


def send_digests(now: datetime) -> int:
    """A clock job: mails those who have no live socket and did not read for five minutes. Returns the number of letters.

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
    """1 for a letter sent, 0 where none was wanted or taken, None where the mail server is away.

    Its notifications count as mailed once the letter is on its way, not before: a letter whose process dies meanwhile is sent
    by a later pass, perhaps twice.
    """
    rows = _claim(user_id, now)
    if rows is None:
        return 0
    user = User.objects.get(pk=user_id)
    preferences = get_preferences(user_id)
    wanted = [row for row in rows if preferences.wants(row.kind)]
    done = Delivery.SENT
    if wanted and user.is_active:
        done = send_to(user, subject_of(wanted), "digest", digest_context(user, wanted), **unsubscribe_headers(user))
        if done is not Delivery.AWAY:
            _rest(user_id, rows, done, now)
    if done is Delivery.SENT:
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    NotificationPreference.objects.filter(pk=user_id).update(digest_claimed_until=None)
    if done is Delivery.AWAY:
        return None
    return int(bool(wanted) and user.is_active and done is Delivery.SENT)


def _rest(user_id: int, rows: list[Notification], done: Delivery, now: datetime) -> None:
    """When the next letter may be sent. A letter that may have arrived is not sent again within the hour, and then after ever
    longer pauses."""
    pause = doubt_pause(min(row.at for row in rows), now) - LETTERS_APART if done is Delivery.DOUBTFUL else timedelta(0)
    NotificationPreference.objects.filter(pk=user_id).update(digest_at=now + pause)


def _claim(user_id: int, now: datetime) -> list[Notification] | None:
    """Everything unread and not yet mailed, newest first; None where another pass has claimed it, for `CLAIM` at the most."""

    def lease(preference: NotificationPreference) -> None:
        preference.digest_claimed_until = now + CLAIM

    NotificationPreference.objects.get_or_create(pk=user_id)
    free = Q(digest_claimed_until=None) | Q(digest_claimed_until__lte=now)
    mine = NotificationPreference.objects.filter(free, pk=user_id)
    if not claim(mine, order_by="pk", fields=["digest_claimed_until"], lease=lease):
        return None
    return list(Notification.objects.filter(user_id=user_id, read_at=None, mailed_at=None).order_by("-pk"))


def subject_of(rows: list[Notification]) -> str:
    """The subject: what happened where it was one thing, else how many things. It has one line."""
    return one_line(rows[0].title) if len(rows) == 1 else f"{len(rows)} things happened at StayNest"


def digest_context(user: User, rows: list[Notification]) -> dict[str, object]:
    """What the letter says: by property, with dates and price, a line for each thing that happened and how often. Its one
    button leads to where the latest of it happened."""
    with override(user.language or settings.LANGUAGE_CODE):
        about = subjects_of(rows)
    groups: dict[str, Counter[str]] = {}
    for row in rows:
        # A line is one line: whatever was written in a title can't begin a paragraph of ours.
        groups.setdefault(one_line(about.get(row.pk, "")), Counter())[one_line(row.title)] += 1
    shown: list[dict[str, Any]] = []
    left = LINES
    for words, titles in groups.items():
        lines = list(titles.items())[:left]
        left -= len(lines)
        shown.append({"words": words, "lines": lines})
    told = sum(times for group in shown for _title, times in group["lines"])
    latest = rows[0]
    path = target_of(
        kind=latest.kind,
        negotiation_id=latest.negotiation_id,
        booking_id=latest.booking_id,
        property_id=latest.property_id,
    )
    return {
        "groups": [group for group in shown if group["lines"]],
        "more": len(rows) - told,
        "link": f"{settings.PUBLIC_URL}{path}",
        "action": _("Open the room") if latest.negotiation_id else _("Open it"),
        "all": f"{settings.PUBLIC_URL}/notifications/",
        "unsubscribe": unsubscribe_link(user.pk),
    }


def subjects_of(rows: list[Notification]) -> dict[int, str]:
    """What each notification is about, in one line: property, dates, price. The apps above fill in their own."""
    found: dict[int, str] = {}
    for words in hooks.notification_subjects(rows=rows):
        found = words | found
    return found


def unsubscribe_headers(user: User) -> dict[str, str]:
    """What lets a mail program offer to unsubscribe with one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{one_click_unsubscribe_link(user.pk)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
