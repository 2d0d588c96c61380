"""Accounts: opened, changed, closed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower

from accounts.models import AuthToken, OutgoingMail, User, UserProfile
from accounts.naming import check_person_name, lookalike_key, normal_person_name, normal_user_name
from accounts.selectors.users import get_account, profile_of
from accounts.services.email_changes import ask_for_email, is_email_taken
from accounts.services.log_in import SignedIn, confirm_password
from accounts.services.mailing import queue_mail
from accounts.services.places import note_place
from accounts.services.sign_ins import Client, issue_token
from core.api.rate_limits import Window, give_back, take
from core.errors import DomainError, invalid
from core.images import decode_picture
from core.said import said
from core.storage.bounded import delete_quietly
from core.web.drawn_pictures import is_drawn

PICTURE_SIDE = 512
OF_USER = ("first_name", "last_name")
OF_PROFILE = ("phone", "address", "profile_picture")
LOOKALIKE = "accounts_user_username_lookalike_key"
TAKEN = {
    "accounts_user_username_key": ("username", said("This user name is taken.")),
    "user_username_unique": ("username", said("This user name is taken.")),
    LOOKALIKE: ("username", said("This user name looks like one that is taken.")),
    "user_email_unique": ("email", said("There is an account with this e-mail address already.")),
}


def sign_up(*, form: Mapping[str, Any], client: Client, now: datetime, is_host: bool = False) -> SignedIn:
    """Opens an account and signs it in.

    `form` holds username, email, password and perhaps first_name, last_name and a `profile` of phone, address and
    profile_picture (a data-URL). Raises `invalid` with the fields that are taken or not good enough, and `rate_limited`
    (20 an hour an address, and 60 tries with what is taken).
    """
    user = User(
        username=normal_user_name(form["username"]),
        email=form["email"],
        **names_of(form),
        is_host=is_host,
        date_joined=now,
    )
    check_new_password(user, form["password"])
    try:
        check_free(user, now)
    except DomainError:
        # A client that tries one address after another learns who has an account here. This limit keeps it from learning many.
        take([Window(f"sign-up:taken:{client.address}", 60, 3600)], now)
        raise
    use = take([Window(f"sign-up:{client.address}", 20, 3600)], now)
    try:
        user.password = make_password(form["password"])
        return _store_account(user, form.get("profile", {}), client=client, now=now)
    except DomainError:
        give_back(use)
        raise


def _store_account(user: User, profile: Mapping[str, str], *, client: Client, now: datetime) -> SignedIn:
    row = UserProfile(user=user, phone=profile.get("phone", ""), address=profile.get("address", ""))
    with _stored_picture(row, _picture_of(profile, row)):
        try:
            user.save(force_insert=True)
        except IntegrityError as error:
            raise taken(error) from error
        row.user = user
        row.save(force_insert=True)
        token, key = issue_token(user_id=user.pk, user_agent=client.user_agent, now=now)
        note_place(user_id=user.pk, address=client.address, now=now)
        queue_mail(user_id=user.pk, kind=OutgoingMail.Kind.CONFIRM_EMAIL, now=now)
    return SignedIn(get_account(user.pk), token, key)


def check_new_password(user: User, password: str, *, field: str = "password") -> None:
    """Raises `invalid` with what is wrong with a new password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise invalid(**{field: error.messages}) from error


def names_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """The first and last name that are given, in their normal form. Raises `invalid` for what is no name."""
    names = {name: normal_person_name(fields[name]) for name in OF_USER if fields.get(name)}
    wrong = {}
    for name, text in names.items():
        try:
            check_person_name(text)
        except ValidationError as error:
            wrong[name] = error.messages
    if wrong:
        raise invalid(**wrong)
    return names


def check_free(user: User, now: datetime) -> None:
    """Raises `invalid` naming both of user name and e-mail where they are taken; the constraints have the last word."""
    twin = lookalike_key(user.username)
    same_name = Q(username__lower=Lower(Value(user.username))) | Q(username_lookalike=twin)
    fields = {}
    for name in User.objects.filter(same_name).exclude(pk=user.pk).values_list("username", flat=True):
        same = name.lower() == user.username.lower()
        fields["username"] = TAKEN["user_username_unique" if same else LOOKALIKE][1]
    if is_email_taken(user.email, user_id=user.pk, now=now):
        fields["email"] = TAKEN["user_email_unique"][1]
    if fields:
        raise invalid(**fields)


def taken(error: IntegrityError) -> Exception:
    """Turns the error of a unique constraint of the user table into a refusal; gives any other error back unchanged."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name not in TAKEN:
        return error
    field, text = TAKEN[name]
    return invalid(**{field: text})


def make_host(*, user_id: int) -> None:
    """Lets a guest list homes too; harmless for a host."""
    User.objects.filter(pk=user_id, is_host=False).update(is_host=True)


def turn_into_host(*, user: User, token: AuthToken | None, key: str, client: Client, now: datetime) -> SignedIn:
    """`make_host` with the sign-in that asked: the same token, or a new one for a browser's cookie."""
    make_host(user_id=user.pk)
    if token is None:
        token, key = issue_token(user_id=user.pk, user_agent=client.user_agent, now=now)
    return SignedIn(get_account(user.pk), token, key)


def change_account(*, user_id: int, changes: Mapping[str, Any], address: str, now: datetime) -> User:
    """Changes what is given of first_name, last_name, phone, address, profile_picture (a data-URL) and email.

    `clear` lists fields to be emptied. Another e-mail address needs `password`, and counts once its mailbox has
    confirmed it. Raises `invalid`, `rate_limited` (5 addresses a day).
    """
    changes = {**changes, **names_of(changes)}
    user = get_account(user_id)
    profile = profile_of(user)
    picture, new_email = _picture_of(changes, profile), _new_email(user, changes)
    if new_email is not None:
        password = changes.get("password", "")
        confirm_password(user=user, password=password, address=address, now=now, field="password")
    of_user, of_profile = _apply(user, changes, OF_USER), _apply(profile, changes, OF_PROFILE)
    with _stored_picture(profile, picture):
        _save_user(user, of_user, new_email, now)
        old = _save_profile(profile, of_profile if picture is None else of_profile | {"profile_picture"})
    if old:
        delete_quietly(profile.profile_picture.storage, [old])
    return get_account(user_id)


def _apply(row: User | UserProfile, changes: Mapping[str, Any], names: Sequence[str]) -> set[str]:
    """Sets what is given or to be emptied. Returns the names of those fields, since only they are written."""
    values = {name: "" for name in changes.get("clear", ()) if name in names}
    values |= {name: changes[name] for name in names if name in changes and name != "profile_picture"}
    for name, value in values.items():
        setattr(row, name, value)
    return set(values)


def _save_profile(profile: UserProfile, changed: set[str]) -> str:
    """Writes these fields. Returns the name of the picture that the profile no longer has, "" without one."""
    before = UserProfile.objects.select_for_update(no_key=True).filter(pk=profile.user_id)
    old = before.values_list("profile_picture", flat=True).first()
    if old is None:
        profile.save(force_insert=True)
    elif changed:
        profile.save(update_fields=sorted(changed))
    return old or "" if "profile_picture" in changed else ""


def _save_user(user: User, changed: set[str], new_email: str | None, now: datetime) -> None:
    user.save(update_fields=sorted(changed))
    if new_email is not None:
        ask_for_email(user=user, email=new_email, now=now)


def _new_email(user: User, changes: Mapping[str, Any]) -> str | None:
    """The new address, where one is given that differs from the present one."""
    email: str | None = changes.get("email")
    return email if email and email != user.email else None


def _picture_of(fields: Mapping[str, Any], profile: UserProfile) -> bytes | None:
    """The new picture; None where a client sends back the address of the present one, which may be a drawn one."""
    source, present = fields.get("profile_picture"), profile.profile_picture
    if not source or (present and source.endswith(present.url)) or is_drawn(source):
        return None
    return decode_picture(source, field="profile_picture", sides=(PICTURE_SIDE,))[0].data


@contextmanager
def _stored_picture(profile: UserProfile, picture: bytes | None) -> Iterator[None]:
    """A transaction in which the new picture is the profile's, under a name that can't be guessed; one that fails takes
    the file away again."""
    if picture is not None:
        profile.profile_picture.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture), save=False)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        if picture is not None:
            delete_quietly(profile.profile_picture.storage, [profile.profile_picture.name or ""])
        raise


def choose_language(*, user_id: int, language: str) -> None:
    """Pages, mails and notifications of the user are in that language from now on; one of settings.LANGUAGES."""
    User.objects.filter(pk=user_id).update(language=language)
