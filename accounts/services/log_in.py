"""Signing in by password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.models import AuthToken, User
from accounts.selectors.places import knows_place
from accounts.selectors.users import find_active_user, get_account, get_user_by_name
from accounts.services.passkeys import Site, check_passkey
from accounts.services.places import note_place
from accounts.services.proof_of_work import challenge_for, spend_work
from accounts.services.second_factors import NOTHING, Proof, prove
from accounts.services.sign_ins import Client, issue_token
from core.api.fields import is_clean
from core.api.quotas import spend
from core.api.rate_limits import Use, Window, give_back, take
from core.errors import Code, DomainError, invalid

LONGEST_PASSWORD = 1000
FAILURES_S = 15 * 60


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in by token: `key` is what the client sends from now on; `user` as `get_account` reads it."""

    user: User
    token: AuthToken
    key: str


def log_in(
    *, name: str, password: str, client: Client, now: datetime, proof: Proof = NOTHING, work: str = ""
) -> SignedIn:
    """Signs a client in by user name or e-mail, password and, where the account has one, second factor.

    See `check_sign_in` and `second_factors.prove`.
    """
    with transaction.atomic():
        user = check_sign_in(name=name, password=password, address=client.address, now=now, work=work)
        return _sign_in(user, prove(user=user, proof=proof, now=now), client, now)


def log_in_by_passkey(*, credential: Mapping[str, Any], site: Site, client: Client, now: datetime) -> SignedIn:
    """Signs a client in by a passkey alone, which is two factors by itself. Raises `auth.bad_credentials`."""
    with transaction.atomic():
        user = check_passkey_sign_in(credential=credential, site=site, now=now)
        return _sign_in(user, True, client, now)


def check_passkey_sign_in(*, credential: Mapping[str, Any], site: Site, now: datetime) -> User:
    """The active user whose passkey it is."""
    user_id = check_passkey(credential=credential, user_id=None, site=site, now=now)
    user = find_active_user(user_id)
    if user is None or not _still_holds(user, now):
        raise DomainError(Code.AUTH_BAD_CREDENTIALS)
    return user


def take_second_step(*, user: User, proof: Proof, now: datetime) -> None:
    """Takes the second step of a browser's sign-in, and notes it. Raises as `second_factors.prove`."""
    with transaction.atomic():
        prove(user=user, proof=proof, now=now)
        User.objects.filter(pk=user.pk).update(last_login=now)


def _sign_in(user: User, second_factor: bool, client: Client, now: datetime) -> SignedIn:
    spend("sign_ins", user.pk, now)
    note_place(user_id=user.pk, address=client.address, now=now)
    agent = client.user_agent
    token, key = issue_token(user_id=user.pk, user_agent=agent, now=now, second_factor=second_factor)
    return SignedIn(get_account(user.pk), token, key)


def check_sign_in(*, name: str, password: str, address: str, now: datetime, work: str = "") -> User:
    """The active user of that name and password; the caller's transaction keeps the password from changing meanwhile.

    Raises `auth.bad_credentials`, after the same work for an unknown name as for a wrong password, and `rate_limited`
    after too many failures. Attempts under way count as failures, so that many at once get no further than one by one.
    Where too many failed from the address, `params.challenge` is a proof of work, to be sent as `work`.
    """
    if not (is_clean(name) and is_clean(password)) or len(password) > LONGEST_PASSWORD:
        raise DomainError(Code.AUTH_BAD_CREDENTIALS)
    user = get_user_by_name(name)
    attempts = _take_attempts(user, name, address, work, now)
    if not is_password_of(user, password) or user is None or not _still_holds(user, now):
        raise DomainError(Code.AUTH_BAD_CREDENTIALS)
    for attempt in attempts:
        give_back(attempt)
    return user


def _take_attempts(user: User | None, name: str, address: str, work: str, now: datetime) -> list[Use]:
    of_account = take(account_windows(user, name, address), now)
    try:
        return [of_account, take([address_window(address)], now)]
    except DomainError as refusal:
        known = user is not None and knows_place(user_id=user.pk, address=address, now=now)
        if known or spend_work(work, address, now):
            return [of_account]
        give_back(of_account)
        refusal.params["challenge"] = challenge_for(address, now)
        raise


def confirm_password(*, user: User, password: str, address: str, now: datetime, field: str) -> None:
    """Checks that the signed-in user also knows the password, before what a thief of a token must not do.

    Raises `invalid` with `field`, and `rate_limited`: these failures count with those of signing in.
    """
    attempt = take(account_windows(user, user.username, address), now)
    if not is_clean(password) or len(password) > LONGEST_PASSWORD or not is_password_of(user, password):
        raise invalid(**{field: "This is not your password."})
    give_back(attempt)


def account_windows(user: User | None, name: str, address: str) -> list[Window]:
    """The windows in which failures count against an account: from one address, and from all."""
    account = account_key(user, name)
    return [
        Window(f"log-in:pair:{account}:{address}", 10, FAILURES_S),
        Window(f"log-in:account:{account}", 100, FAILURES_S),
    ]


def address_window(address: str) -> Window:
    """The window in which failures count against an address, of any account: a whole office or village may share it."""
    return Window(f"log-in:address:{address}", 50, FAILURES_S)


def account_key(user: User | None, name: str) -> str:
    """The key under which an account's failures are counted; a new password, by mail or otherwise, starts a new count."""
    about = f"{user.pk}:{user.password}" if user else name.casefold()
    return sha256(about.encode()).hexdigest()[:24]


def is_password_of(user: User | None, password: str) -> bool:
    """Whether that is the active user's password. Costs one hash, also where there is no such user."""
    if user is None or not user.is_active or not user.has_usable_password():
        make_password(password)
        return False
    return check_password(password, user.password, setter=lambda raw: _upgrade_hash(user, raw))


def _upgrade_hash(user: User, raw: str) -> None:
    """Stores the same password under today's hasher. That is no change of password, so no sign-in ends."""
    old, user.password = user.password, make_password(raw)
    if not User.objects.filter(pk=user.pk, password=old).update(password=user.password):
        user.password = old


def _still_holds(user: User, now: datetime) -> bool:
    """Notes the sign-in, unless the password was changed or the account closed while the hash was computed."""
    found = User.objects.filter(pk=user.pk, password=user.password, is_active=True).update(last_login=now)
    user.last_login = now
    return found == 1
