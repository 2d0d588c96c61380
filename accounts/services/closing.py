"""Accounts: closed by their owner or by staff, and reopened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import OutgoingMail, User
from accounts.services.log_in import confirm_password
from accounts.services.mailing import queue_mail
from accounts.services.sign_ins import end_sign_ins
from core import hooks

SETTLE_AFTER = timedelta(seconds=60)
SETTLE_AT_ONCE = 20


def close_own_account(*, user: User, password: str, address: str, now: datetime) -> None:
    """`close_account` for a user who proves by password that it is theirs. Raises `invalid`, `rate_limited`."""
    confirm_password(user=user, password=password, address=address, now=now, field="password")
    close_account(user_id=user.pk, now=now)


def close_account(*, user_id: int, now: datetime) -> None:
    """Deactivates an account: signing in ends, its homes are unlisted and its open negotiations end.

    Agreed bookings stay. What follows runs in a transaction of its own, since it locks homes, which come before users;
    `settle_closed_accounts` does it again a little later, for what was under way just then.
    """
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(is_active=False, closed_at=now, close_settled_at=None)
        end_sign_ins(user_id=user_id)
        queue_mail(user_id=user_id, kind=OutgoingMail.Kind.ACCOUNT_CLOSED, now=now)
    transaction.on_commit(lambda: _follow_closing(user_id, now), robust=True)


def _follow_closing(user_id: int, now: datetime) -> None:
    with transaction.atomic():
        hooks.account_closed(user_id=user_id, now=now)


def reopen_account(*, user_id: int) -> None:
    """Lets a closed account sign in again; its homes stay unlisted until their host lists them. An erased one is gone."""
    kept = User.objects.filter(pk=user_id, erased_at=None)
    kept.update(is_active=True, closed_at=None, close_settled_at=None)


def settle_closed_accounts(now: datetime) -> int:
    """A clock job: does what follows from a closing once more, for what was under way at the time."""
    done = 0
    for _ in range(SETTLE_AT_ONCE):
        with transaction.atomic():
            due = User.objects.filter(closed_at__lte=now - SETTLE_AFTER, close_settled_at=None, is_active=False)
            user_id = due.values_list("pk", flat=True).order_by("closed_at").first()
            if user_id is None:
                break
            hooks.account_closed(user_id=user_id, now=now)
            done += User.objects.filter(pk=user_id, close_settled_at=None).update(close_settled_at=now)
    return done
