"""Reads of accounts and of their sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from accounts.drawings import drawn_person
from accounts.models import AuthToken, DataExport, EmailChange, Session, User, UserProfile
from accounts.selectors.credentials import Credential
from accounts.selectors.notifications import UNREAD_OF_USER
from accounts.session_store import STAFF_KEY
from core.errors import not_found

BROWSER = "browser-"


def get_user_by_name(name: str) -> User | None:
    """The user of that user name or, where it has an `@`, of that e-mail address, whatever its case."""
    field = "email__lower" if "@" in name else "username__lower"
    return User.objects.filter(**{field: Lower(Value(name))}).first()


def get_user_by_email(email: str) -> User | None:
    """The user of that e-mail address, whatever its case."""
    return User.objects.filter(email__lower=Lower(Value(email))).first()


def find_active_user(user_id: int) -> User | None:
    """The active user of that id."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def get_user(user_id: int) -> User:
    """The user of that id, active or not. Raises `not_found`."""
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise not_found()
    return found


def find_email_change(user_id: int) -> EmailChange | None:
    """The change of address that waits for its confirmation."""
    return EmailChange.objects.filter(pk=user_id).first()


def find_export(user_id: int) -> DataExport | None:
    """The account's export, whether it is ready or not."""
    return DataExport.objects.filter(user_id=user_id).first()


def get_account(user_id: int) -> User:
    """A user with profile and, as `unread`, the number of unread notifications; one query. Raises `not_found`."""
    unread = RawSQL(UNREAD_OF_USER, [])  # noqa: S611 # nosec B611 - a constant
    user = User.objects.select_related("profile").annotate(unread=unread).filter(pk=user_id).first()
    if user is None:
        raise not_found()
    return user


def get_phone(user_id: int) -> str:
    """The phone number of a user's profile; empty where there is none."""
    return UserProfile.objects.filter(user_id=user_id).values_list("phone", flat=True).first() or ""


def profile_of(user: User) -> UserProfile:
    """A user's profile; an empty one for an account made without (by a command)."""
    try:
        return user.profile
    except UserProfile.DoesNotExist:
        return UserProfile(user=user)


def picture_of(user: User, profile: UserProfile) -> str:
    """The file name of an account's picture; the drawn one of its initials where it has none."""
    drawn = drawn_person(user.pk, user.first_name, user.last_name, user.username)
    return profile.profile_picture.name or drawn


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of an account's sign-ins. `id`: a token's number, or for a browser's cookie a name made from its hash."""

    id: int | str
    kind: str
    user_agent: str
    created: datetime | None
    last_used: datetime | None
    expiry: datetime | None
    current: bool


def list_sign_ins(user_id: int, current: Credential, now: datetime) -> list[SignIn]:
    """The live sign-ins of an account, those by token first, newest first. Two queries."""
    live = Q(expiry=None) | Q(expiry__gt=now)
    tokens = AuthToken.objects.filter(live, user_id=user_id).order_by("-pk")
    browsers = Session.objects.filter(user_id=user_id, expire_date__gt=now).order_by("-expire_date")
    return [_of_token(t, current) for t in tokens] + [_of_browser(s, current) for s in browsers]


def browser_id(session_key: str) -> str:
    """The name of a browser session that its owner sees; the key itself is a secret."""
    return BROWSER + sha256(session_key.encode()).hexdigest()[:20]


def _of_token(token: AuthToken, current: Credential) -> SignIn:
    return SignIn(
        id=token.pk,
        kind="token",
        user_agent=token.user_agent,
        created=token.created,
        last_used=token.last_used_at,
        expiry=token.expiry,
        current=current == ("token", str(token.pk)),
    )


def _of_browser(session: Session, current: Credential) -> SignIn:
    return SignIn(
        id=browser_id(session.session_key),
        kind="browser",
        user_agent=session.user_agent,
        created=session.signed_in_at,
        last_used=_last_used(session),
        expiry=session.expire_date,
        current=current == ("session", session.session_key),
    )


def _last_used(session: Session) -> datetime:
    """A session's life is counted from its last change; one of the staff lives shorter."""
    lives = settings.STAFF_IDLE_S if session.get_decoded().get(STAFF_KEY) else settings.SESSION_COOKIE_AGE
    return session.expire_date - timedelta(seconds=lives)
