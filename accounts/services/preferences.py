"""Which notifications a user also wants by e-mail. On the site and on the socket they come in any case."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.events import NOTIFICATION_KINDS
from accounts.mail_links import read_unsubscribe_token
from accounts.models import NotificationPreference, User
from accounts.selectors.notifications import Preferences, get_preferences
from core.errors import invalid, not_found


def change_preferences(
    *, user_id: int, mail: bool | None = None, kinds: Mapping[str, bool] | None = None
) -> Preferences:
    """Changes what is given: `mail` for all of them, `kinds` one by one. Raises `invalid` for a kind that is none."""
    if unknown := sorted(set(kinds or {}) - set(NOTIFICATION_KINDS)):
        raise invalid(kinds=f"There is no kind {unknown[0]!r}.")
    with transaction.atomic():
        # The user's row, so that two changes at once don't lose one another.
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        row = NotificationPreference.objects.filter(user_id=user_id).first() or NotificationPreference(user_id=user_id)
        wanted = {kind: kind not in row.unmailed_kinds for kind in NOTIFICATION_KINDS} | dict(kinds or {})
        NotificationPreference.objects.update_or_create(
            user_id=user_id,
            defaults={
                "unmailed_kinds": [kind for kind, mailed in wanted.items() if not mailed],
                "mail_enabled": row.mail_enabled if mail is None else mail,
            },
        )
    return get_preferences(user_id)


def unsubscribe(*, token: str) -> None:
    """Ends a user's notification mails by the link in one of them. Raises `not_found` for a broken one."""
    user_id = read_unsubscribe_token(token)
    if user_id is None or not User.objects.filter(pk=user_id).exists():
        raise not_found()
    change_preferences(user_id=user_id, mail=False)
