"""Passwords and e-mail addresses: changed, reset and confirmed. Every change of a password ends every sign-in."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction

from accounts.mail_links import VOID_LINK, user_id_of
from accounts.models import OutgoingMail, Recovery, User
from accounts.selectors.users import get_account, get_user_by_email
from accounts.services.accounts import check_new_password
from accounts.services.email_changes import note_email_confirmed, open_way_back
from accounts.services.log_in import SignedIn, confirm_password
from accounts.services.mailing import queue_mail
from accounts.services.second_factors import NOTHING, Proof, prove
from accounts.services.sign_ins import Client, end_sign_ins, issue_token
from core.api.rate_limits import Window, take
from core.errors import DomainError, invalid


class EndSignIns:
    """Not a rule about passwords: it is Django's hook that is called for every change of one, through any door.

    In AUTH_PASSWORD_VALIDATORS, whose `password_changed` is called by `User.save()` after `set_password()`: pages, REST,
    the admin and `manage.py changepassword` all come by here.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Takes any password."""

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Signs the user out everywhere."""
        if user is not None and user.pk is not None:
            end_sign_ins(user_id=user.pk)

    def get_help_text(self) -> str:
        return "Changing it signs you out on every device."


def change_password(
    *, user: User, old_password: str, new_password: str, client: Client, now: datetime, second_factor: bool = False
) -> SignedIn:
    """Changes a password, ends every sign-in, and signs the asking client in again, `second_factor` as it was.

    Raises `invalid` for a wrong old or a weak new password, `rate_limited` after too many wrong ones.
    """
    confirm_password(user=user, password=old_password, address=client.address, now=now, field="old_password")
    check_new_password(user, new_password, field="new_password")
    return _set_password(user, new_password, client=client, now=now, second_factor=second_factor)


def request_password_reset(*, email: str, address: str, now: datetime) -> None:
    """Has a link mailed where the address is a user's; the answer does not tell whether it is.

    Raises `rate_limited` (20 an hour an address). More than 5 an hour for one account are left out in silence.
    """
    take([Window(f"reset:address:{address}", 20, 3600)], now)
    user = get_user_by_email(email)
    if user is None or not user.is_active:
        return
    try:
        take([Window(f"reset:account:{user.pk}", 5, 3600)], now)
    except DomainError:
        return
    queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.PASSWORD_RESET, now=now)


def user_of_reset_link(uid: str, token: str) -> User | None:
    """The user whose password the link may set; None for a link that is broken, used or too old."""
    user_id = user_id_of(uid)
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id is not None else None
    return user if user and default_token_generator.check_token(user, token) else None


def reset_password(
    *, uid: str, token: str, new_password: str, client: Client, now: datetime, proof: Proof = NOTHING
) -> SignedIn:
    """Sets a new password by a mailed link, once, and signs in. Raises `invalid`.

    An account with a second factor asks for it here too: a mailbox alone is one factor (`second_factors.prove`).

    Failures counted so far are forgotten: they are counted under the old password.
    """
    user = user_of_reset_link(uid, token)
    if user is None:
        raise invalid(token=VOID_LINK)
    check_new_password(user, new_password, field="new_password")
    with transaction.atomic():
        # Of two requests with the same link the second waits here and then finds the password changed.
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not default_token_generator.check_token(locked, token):
            raise invalid(token=VOID_LINK)
        second_factor = prove(user=locked, proof=proof, now=now)
        note_email_confirmed(locked, now)
        return _set_password(locked, new_password, client=client, now=now, second_factor=second_factor)


def _set_password(user: User, password: str, *, client: Client, now: datetime, second_factor: bool) -> SignedIn:
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        agent = client.user_agent
        token, key = issue_token(user_id=user.pk, user_agent=agent, now=now, second_factor=second_factor)
        way_back = open_way_back(user, Recovery.Kind.PASSWORD, now)
        queue_mail(
            user_id=user.pk, kind=OutgoingMail.Kind.PASSWORD_CHANGED, now=now, address=user.email, recovery=way_back
        )
    return SignedIn(get_account(user.pk), token, key)
