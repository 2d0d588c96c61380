"""The second factor: an authenticator app (TOTP, RFC 6238) and recovery codes; passkeys stand in passkeys.py.

A sign-in of an account that has one needs the password and one of them. Staff need one for their pages.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import RecoveryCode, TotpDevice, User
from accounts.selectors.second_factors import Factors, get_factors
from accounts.services.passkeys import Site, check_passkey
from core.api.rate_limits import Window, give_back, take
from core.errors import Code, DomainError, invalid
from core.said import said

ISSUER = "StayNest"
STEP_S = 30
# A phone's clock may be so many steps off.
DRIFT = (0, -1, 1)
CODES = 10
# Without letters and digits that look alike.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
WRONG_CODE = said("This code is wrong, or was used already.")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client presents besides the password: six digits, a recovery code, or what a passkey signed for `site`."""

    code: str = ""
    passkey: Mapping[str, Any] | None = None
    site: Site | None = None


NOTHING = Proof()


def prove(*, user: User, proof: Proof, now: datetime) -> bool:
    """Checks the second factor. Returns whether the account has one.

    Raises `auth.second_factor` (which ones it has, in `params.methods`) where nothing was shown, `auth.bad_credentials`
    for a wrong one, `rate_limited` (10 wrong ones in 15 minutes, 50 a day).
    """
    factors = get_factors(user.pk)
    if not factors:
        return False
    if proof.passkey is not None and proof.site is not None:
        check_passkey(credential=proof.passkey, user_id=user.pk, site=proof.site, now=now)
    elif proof.code:
        check_code(user=user, code=proof.code, now=now)
    else:
        raise DomainError(Code.AUTH_SECOND_FACTOR, params={"methods": list(factors.methods)})
    return True


def check_code(*, user: User, code: str, now: datetime) -> None:
    """Six digits of the app or a recovery code, each once. Raises `auth.bad_credentials`, `rate_limited`."""
    attempt = take(failure_windows(user.pk), now)
    if not _is_app_code(user.pk, code, now) and not _spend_recovery_code(user.pk, code, now):
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, WRONG_CODE)
    give_back(attempt)


def failure_windows(user_id: int) -> list[Window]:
    """The windows in which an account's wrong codes count: a guesser who knows the password gets nowhere with six digits."""
    return [Window(f"second-factor:{user_id}", 10, 900), Window(f"second-factor:day:{user_id}", 50, 86400)]


def _is_app_code(user_id: int, code: str, now: datetime) -> bool:
    digits = code.replace(" ", "")
    device = TotpDevice.objects.filter(pk=user_id, confirmed_at__isnull=False).first()
    return device is not None and len(digits) == 6 and _take_step(device, digits, now)


def _take_step(device: TotpDevice, digits: str, now: datetime) -> bool:
    """Whether the digits belong to a step near now that was not used before; from now on it counts as used."""
    totp, present = pyotp.TOTP(_decrypted(device.secret)), int(now.timestamp()) // STEP_S
    for step in (present + drift for drift in DRIFT):
        if constant_time_compare(totp.generate_otp(step), digits):
            unused = TotpDevice.objects.filter(pk=device.pk, last_step__lt=step)
            return unused.update(last_step=step) == 1
    return False


def _spend_recovery_code(user_id: int, code: str, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(user_id=user_id, digest=code_digest(user_id, code), used_at=None)
    return unused.update(used_at=now) == 1


def code_digest(user_id: int, code: str) -> bytes:
    """The keyed digest that is stored of a recovery code; spaces, dashes and case make no difference."""
    plain = "".join(character for character in code.lower() if character.isalnum())[:40]
    return salted_hmac("accounts.recovery_code", f"{user_id}:{plain}", algorithm="sha256").digest()


def begin_app(*, user: User, now: datetime) -> tuple[str, str]:
    """A new secret for an authenticator app, and its `otpauth:` address; it counts once `confirm_app` saw a code of it.

    Raises `invalid` where an app counts already.
    """
    secret = pyotp.random_base32()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise invalid(code="An authenticator app is set up already; remove it first.")
        values = {"secret": _encrypted(secret), "created_at": now, "last_step": 0}
        TotpDevice.objects.update_or_create(user=user, defaults=values)
    return secret, app_address(user, secret)


def app_address(user: User, secret: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)


def waiting_app(user: User) -> str | None:
    """The secret that was begun and not confirmed yet."""
    device = TotpDevice.objects.filter(user=user, confirmed_at=None).first()
    return _decrypted(device.secret) if device else None


def confirm_app(*, user: User, code: str, now: datetime) -> list[str]:
    """Makes the app count. Returns recovery codes where the account has none yet. Raises `invalid`, `rate_limited`."""
    attempt = take(failure_windows(user.pk), now)
    with transaction.atomic():
        device = TotpDevice.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        if device is None or not _take_step(device, code.replace(" ", ""), now):
            raise invalid(code=WRONG_CODE)
        TotpDevice.objects.filter(pk=device.pk).update(confirmed_at=now)
        codes = give_codes_if_none(user=user, now=now)
    give_back(attempt)
    return codes


def make_recovery_codes(*, user: User, now: datetime) -> list[str]:
    """Makes ten recovery codes, which are shown once; the old ones are void."""
    codes = [f"{_letters(5)}-{_letters(5)}" for _ in range(CODES)]
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, digest=code_digest(user.pk, code), made_at=now) for code in codes
        )
    return codes


def give_codes_if_none(*, user: User, now: datetime) -> list[str]:
    """Recovery codes for an account that has none left; else none."""
    return [] if get_factors(user.pk).codes_left else make_recovery_codes(user=user, now=now)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def remove_app(*, user: User) -> None:
    """Removes the app. A repeat is harmless."""
    with transaction.atomic():
        TotpDevice.objects.filter(user=user).delete()
        forget_codes_of_nothing(user_id=user.pk)


def forget_codes_of_nothing(*, user_id: int) -> None:
    """Deletes recovery codes of an account that has neither an app nor a passkey: they stand in for one."""
    factors: Factors = get_factors(user_id)
    if not factors.app and not factors.passkeys:
        RecoveryCode.objects.filter(user_id=user_id).delete()


def _keys() -> MultiFernet:
    """Keys made of the server's secret and of earlier secrets, so that rotating it locks no user out."""
    keys = (str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS))
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(b"accounts.totp" + key.encode()).digest())) for key in keys])


def _encrypted(secret: str) -> str:
    return bytes(_keys().encrypt(secret.encode())).decode()


def _decrypted(text: str) -> str:
    """Decrypts a secret. Raises `auth.bad_credentials` where the server's key has changed: recovery codes help then."""
    try:
        return bytes(_keys().decrypt(text.encode())).decode()
    except InvalidToken:
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, WRONG_CODE) from None
