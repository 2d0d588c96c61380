"""Changes of the e-mail address: asked for, confirmed by the new mailbox, undone by the earlier one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from accounts.mail_links import VOID_LINK, password_reset_parts, read_confirm_email_token, read_undo_token
from accounts.models import EmailChange, OutgoingMail, Passkey, Recovery, RecoveryCode, TotpDevice, User
from accounts.services.mailing import queue_mail
from accounts.services.sign_ins import end_sign_ins
from core.api.rate_limits import Window, take
from core.errors import DomainError, invalid
from core.said import said

WAY_BACK = timedelta(days=7)
ASKED_A_DAY = 5
TAKEN = said("There is an account with this e-mail address already.")


def ask_to_confirm_email(*, user: User, now: datetime) -> None:
    """Mails the link once more, to the address asked for last where it waits; nothing where none is to be confirmed.

    Raises `rate_limited` (5 an hour).
    """
    waiting = EmailChange.objects.filter(pk=user.pk).first()
    if waiting is None and user.email_confirmed_at is not None:
        return
    take([Window(f"confirm:{user.pk}", 5, 3600)], now)
    address = waiting.email if waiting else ""
    queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.CONFIRM_EMAIL, now=now, address=address)


def ask_for_email(*, user: User, email: str, now: datetime) -> None:
    """Notes another address, mails it a link that makes it count, and tells the present one, with a way to undo it.

    It runs in the caller's transaction. Raises `invalid` for another account's address, `rate_limited` (5 a day).
    """
    if is_email_taken(email, user_id=user.pk, now=now):
        raise invalid(email=TAKEN)
    take([Window(f"email:{user.pk}", ASKED_A_DAY, 86400)], now)
    EmailChange.objects.update_or_create(user=user, defaults={"email": email, "asked_at": now})
    queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.CONFIRM_EMAIL, now=now, address=email)
    way_back = open_way_back(user, Recovery.Kind.EMAIL, now)
    kind = OutgoingMail.Kind.EMAIL_CHANGE_ASKED
    queue_mail(user_id=user.pk, kind=kind, now=now, address=user.email, recovery=way_back)


def is_email_taken(email: str, *, user_id: int | None, now: datetime) -> bool:
    """Whether an address is another account's, or was within seven days and may be asked back."""
    same = Q(email__lower=Lower(Value(email)))
    own, kept = Q(pk=user_id or 0), Recovery.objects.filter(same, expires_at__gt=now)
    return User.objects.filter(same).exclude(own).exists() or kept.exclude(user_id=user_id or 0).exists()


def open_way_back(user: User, kind: Recovery.Kind, now: datetime) -> Recovery:
    """Lets the present mailbox of `user` take the account back for seven days."""
    return Recovery.objects.create(
        user=user,
        kind=kind,
        email=user.email,
        confirmed_at=user.email_confirmed_at,
        made_at=now,
        expires_at=now + WAY_BACK,
    )


def confirm_email(*, token: str, now: datetime) -> User:
    """Confirms the address that the link was mailed to: the account's own, or the one asked for, which counts from now.

    Raises `invalid` for a link that is void and for an address that is taken by now.
    """
    user_id, email = read_confirm_email_token(token) or (0, "")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
        if user is None:
            raise invalid(token=VOID_LINK)
        if user.email == email:
            note_email_confirmed(user, now)
        elif EmailChange.objects.filter(pk=user.pk, email=email).exists():
            _change(user, email, now)
        else:
            raise invalid(token=VOID_LINK)
    return user


def note_email_confirmed(user: User, now: datetime) -> None:
    """Confirms the account's present address: the caller has shown that they read its mail."""
    User.objects.filter(pk=user.pk, email=user.email, email_confirmed_at=None).update(email_confirmed_at=now)


def _change(user: User, email: str, now: datetime) -> None:
    if is_email_taken(email, user_id=user.pk, now=now):
        raise invalid(email=TAKEN)
    way_back, old = open_way_back(user, Recovery.Kind.EMAIL, now), user.email
    user.email, user.email_confirmed_at = email, now
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_confirmed_at"])
    except IntegrityError as error:
        raise invalid(email=TAKEN) from error
    EmailChange.objects.filter(pk=user.pk).delete()
    queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.EMAIL_CHANGED, now=now, address=old, recovery=way_back)


def undo_change(*, token: str, now: datetime) -> tuple[str, str]:
    """Gives an account back to the mailbox that the link was sent to; `(uid, token)` of a link that sets a new password.

    The address is that one again, the password is void, every sign-in ends, and what was set up since then goes: second
    factors, addresses asked for, later ways back. Raises `invalid` for a link that is void.
    """
    with transaction.atomic():
        way_back = _way_back_of(token, now)
        user = User.objects.select_for_update(no_key=True).get(pk=way_back.user_id)
        if not Recovery.objects.filter(pk=way_back.pk).exists() or not user.is_active:
            raise invalid(token=VOID_LINK)
        _give_back(user, way_back, now)
        _forget_since(user, way_back.made_at)
        end_sign_ins(user_id=user.pk)
    return password_reset_parts(user)


def _way_back_of(token: str, now: datetime) -> Recovery:
    found = Recovery.objects.filter(pk=read_undo_token(token) or 0, expires_at__gt=now).first()
    if found is None:
        raise invalid(token=VOID_LINK)
    return found


def can_undo(token: str, now: datetime) -> bool:
    """Whether a link still undoes a change."""
    try:
        return bool(_way_back_of(token, now))
    except DomainError:
        return False


def _give_back(user: User, way_back: Recovery, now: datetime) -> None:
    user.email, user.email_confirmed_at = way_back.email, now
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_confirmed_at", "password"])
    except IntegrityError as error:
        raise invalid(email=TAKEN) from error


def _forget_since(user: User, moment: datetime) -> None:
    EmailChange.objects.filter(pk=user.pk).delete()
    Recovery.objects.filter(user=user, made_at__gte=moment).delete()
    TotpDevice.objects.filter(user=user, created_at__gte=moment).delete()
    Passkey.objects.filter(user=user, created_at__gte=moment).delete()
    RecoveryCode.objects.filter(user=user, made_at__gte=moment).delete()


def forget_ways_back(now: datetime) -> int:
    """A daily job: forgets ways back that are over, and addresses that were not confirmed in time."""
    over, _ = Recovery.objects.filter(expires_at__lte=now).delete()
    waiting, _ = EmailChange.objects.filter(asked_at__lte=now - WAY_BACK).delete()
    return over + waiting
