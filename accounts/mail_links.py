"""Makes the addresses of pages that mails hold, without a request. Their tokens are signed or good for one use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import User
from core.said import said

CONFIRM_SALT, UNSUBSCRIBE_SALT, UNDO_SALT = "accounts.confirm_email", "accounts.unsubscribe", "accounts.undo"
VOID_LINK = said("This link was used already, or is too old. Ask for another one.")
CONFIRM_WITHIN_S = 7 * 86400


def password_reset_parts(user: User) -> tuple[str, str]:
    """`(uid, token)` of a link that sets a new password once.

    Void after the next sign-in, after a change of the password or the address, and after PASSWORD_RESET_TIMEOUT.
    """
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def password_reset_link(user: User) -> str:
    uid, token = password_reset_parts(user)
    return f"{settings.PUBLIC_URL}/password/reset/{uid}/{token}/"


def user_id_of(uid: str) -> int | None:
    """The user that a reset link is about; None where it makes no sense."""
    try:
        text = urlsafe_base64_decode(uid).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() and len(text) < 19 else None


def confirm_email_token(user: User, email: str = "") -> str:
    """A token that proves that its sender reads the mail of that address; without `email`, of the user's present one."""
    return signing.dumps([user.pk, email or user.email], salt=CONFIRM_SALT)


def confirm_email_link(user: User, email: str = "") -> str:
    return f"{settings.PUBLIC_URL}/email/confirm/{confirm_email_token(user, email)}/"


def undo_token(recovery_id: int) -> str:
    """A token that gives an account back to the mailbox that it is sent to, for as long as the recovery's row says."""
    return signing.dumps(recovery_id, salt=UNDO_SALT)


def undo_link(recovery_id: int) -> str:
    return f"{settings.PUBLIC_URL}/account/undo/{undo_token(recovery_id)}/"


def read_undo_token(token: str) -> int | None:
    """The id of the recovery, or None for a broken token."""
    found = _read(token, UNDO_SALT)
    return found if isinstance(found, int) else None


def read_confirm_email_token(token: str) -> tuple[int, str] | None:
    """`(user id, address)`, or None for a token that is broken or older than a week."""
    match _read(token, CONFIRM_SALT, max_age=CONFIRM_WITHIN_S):
        case [int(user_id), str(email)]:
            return user_id, email
    return None


def unsubscribe_token(user_id: int) -> str:
    """A token that turns a user's notification mails off without signing in, and does nothing else."""
    return signing.dumps(user_id, salt=UNSUBSCRIBE_SALT)


def unsubscribe_link(user_id: int) -> str:
    return f"{settings.PUBLIC_URL}/notifications/unsubscribe/{unsubscribe_token(user_id)}/"


def one_click_unsubscribe_link(user_id: int) -> str:
    """The link for mail programs: a POST to it is enough."""
    return f"{settings.PUBLIC_URL}/auth/unsubscribe/{unsubscribe_token(user_id)}/"


def read_unsubscribe_token(token: str) -> int | None:
    """The user's id, or None for a broken token. It never grows old: mails are read late."""
    user_id = _read(token, UNSUBSCRIBE_SALT)
    return user_id if isinstance(user_id, int) else None


def _read(token: str, salt: str, *, max_age: int | None = None) -> Any:
    """Returns what a signed token holds; None for one that is broken, or older than `max_age` seconds."""
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError):
        return None
