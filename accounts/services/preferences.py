"""Changes which notifications a user gets on the site, by push and by e-mail. The list shows each in any case."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.events import NOTIFICATION_KINDS
from accounts.mail_links import read_unsubscribe_token
from accounts.models import NotificationPreference, User
from accounts.selectors.notifications import Preferences, get_preferences
from accounts.services.notifications import push_unread
from core.errors import invalid, not_found
from core.said import said

Kinds = Mapping[str, bool]


def change_preferences(
    *, user_id: int, mail: bool | None = None, push: bool | None = None, kinds: Kinds | None = None,
    push_kinds: Kinds | None = None, site_kinds: Kinds | None = None,
) -> Preferences:  # fmt: skip
    """Changes what is given: `mail` and `push` for all of them, `kinds` (by mail), `push_kinds` and `site_kinds` one by one.

    Raises `invalid` for a kind that is none.
    """
    given = {"kinds": kinds or {}, "push_kinds": push_kinds or {}, "site_kinds": site_kinds or {}}
    for name, some in given.items():
        if unknown := sorted(set(some) - set(NOTIFICATION_KINDS)):
            raise invalid(**{name: said("There is no kind %(unknown)s.", unknown=repr(unknown[0]))})
    with transaction.atomic():
        # The lock of the user's row keeps two changes at once from overwriting each other.
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        row = NotificationPreference.objects.filter(user_id=user_id).first() or NotificationPreference(user_id=user_id)
        changed = {
            "unmailed_kinds": _without(row.unmailed_kinds, given["kinds"]),
            "unpushed_kinds": _without(row.unpushed_kinds, given["push_kinds"]),
            "quiet_kinds": _without(row.quiet_kinds, given["site_kinds"]),
            "mail_enabled": row.mail_enabled if mail is None else mail,
            "push_enabled": row.push_enabled if push is None else push,
        }
        NotificationPreference.objects.update_or_create(user_id=user_id, defaults=changed)
    if site_kinds:
        push_unread(user_id)
    return get_preferences(user_id)


def _without(unwanted: list[str], changes: Kinds) -> list[str]:
    """The kinds that are not wanted, after these changes."""
    wanted = {kind: kind not in unwanted for kind in NOTIFICATION_KINDS} | dict(changes)
    return [kind for kind, is_wanted in wanted.items() if not is_wanted]


def unsubscribe(*, token: str) -> None:
    """Ends a user's notification mails by the link in one of them. Raises `not_found` for a broken one."""
    user_id = read_unsubscribe_token(token)
    if user_id is None or not User.objects.filter(pk=user_id).exists():
        raise not_found()
    change_preferences(user_id=user_id, mail=False)
