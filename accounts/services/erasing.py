"""What is left of a closed account after thirty days: nothing that no booking, payment or law needs.

docs/privacy.md says of every table what, why and how long. The floors above erase theirs by hooks, in the same
transaction.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import models
from accounts.models import Block, DataExport, Document, User, UserProfile
from accounts.services.private_files import forget_file
from core import hooks
from core.database.errors import ABSENT, is_told

log = logging.getLogger(__name__)
ERASED_AFTER = timedelta(days=30)
OWN_TABLES = (
    models.AuthToken,
    models.EmailChange,
    models.Mandate,
    models.Notification,
    models.NotificationPreference,
    models.OutgoingMail,
    models.Passkey,
    models.Recovery,
    models.RecoveryCode,
    models.Session,
    models.SignInPlace,
    models.TotpDevice,
)


def erase_closed_accounts(now: datetime) -> int:
    """A daily job: erases accounts closed thirty days ago or earlier. Returns how many are wholly erased with this pass.

    It goes through all that are due: those that a stay still needs stay due, and neither they nor one that can't be
    erased hold up those behind them. Raises the last such failure at the end.
    """
    due = User.objects.filter(closed_at__lte=now - ERASED_AFTER, erased_at=None, is_active=False)
    ids = list(due.order_by("closed_at").values_list("pk", flat=True))
    erased, failure = 0, None
    for user_id in ids:
        try:
            erased += _erase(user_id, now)
        except Exception as error:
            if isinstance(error, ABSENT) and not is_told(error):
                # The database itself is away: each account behind it would fail, too.
                raise
            log.exception("a closed account can't be erased", extra={"user": user_id})
            failure = error
    if failure:
        raise failure
    return erased


def _erase(user_id: int, now: datetime) -> bool:
    """Erases one account. Returns whether only its id is left: what a stay still needs is erased on a later day."""
    with transaction.atomic():
        needed = any(hooks.account_needed(user_id=user_id, now=now))
        hooks.account_erased(user_id=user_id, needed=needed, now=now)
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        if user.is_active:
            return False
        _erase_own(user, needed, now)
    return not needed


def _erase_own(user: User, needed: bool, now: datetime) -> None:
    kept_files: list[Document | DataExport] = [
        *Document.objects.filter(user=user),
        *DataExport.objects.filter(user=user),
    ]
    for kept in kept_files:
        forget_file(kept.file)
        kept.delete()
    for table in OWN_TABLES:
        table.objects.filter(user=user).delete()
    Block.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    _empty_profile(user, needed)
    if not needed:
        _make_nobody(user, now)


def _empty_profile(user: User, needed: bool) -> None:
    profile = UserProfile.objects.filter(pk=user.pk).first()
    if profile is None:
        return
    forget_file(profile.profile_picture)
    profile.profile_picture, profile.address = "", ""
    profile.response_rate = profile.response_seconds = None
    if not needed:
        profile.phone = ""
    profile.save()


def _make_nobody(user: User, now: datetime) -> None:
    user.username, user.email = f"deleted-{user.pk}", f"deleted-{user.pk}@deleted.invalid"
    user.first_name, user.last_name = "Deleted", "account"
    user.email_confirmed_at = user.last_login = None
    user.superhost = user.verified = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.erased_at = now
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
