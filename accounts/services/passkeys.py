"""Passkeys (WebAuthn level 3): added, used as a second factor or in place of the password, removed.

py_webauthn judges what the browser sends; here are the challenges, each signed once, and whose key it is. It is loaded with the
first passkey, because loading it takes a tenth of a process's start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Passkey, PasskeyChallenge, User
from accounts.selectors.second_factors import list_passkeys
from core.errors import Code, DomainError, invalid, not_found
from core.said import said

CHALLENGE_LIVES = timedelta(minutes=5)
MOST = 20
REFUSED = said("This passkey was not taken; try again, or use another way.")


@dataclass(frozen=True, slots=True)
class Site:
    """The host whose passkeys count, and the origins that its pages may have."""

    host: str
    origins: tuple[str, ...]


def registration_options(*, user: User, site: Site, now: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey (`PublicKeyCredential.parseCreationOptionsFromJSON`)."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    known = [PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in list_passkeys(user.pk)]
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="StayNest",
        user_id=str(user.pk).encode(),
        user_name=user.username,
        user_display_name=user.name,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            # The device has to check its user (by a PIN or a finger); otherwise a passkey is one factor only.
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    _keep(options.challenge, user.pk, now)
    return _plain(webauthn.options_to_json(options))


def add_passkey(*, user: User, name: str, credential: Mapping[str, Any], site: Site, now: datetime) -> Passkey:
    """Stores the key that the browser made for a challenge of `registration_options`. Raises `invalid`."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        challenge = _spend(credential, user.pk, now)
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, DomainError, ValueError, TypeError, KeyError) as error:
        raise invalid(credential=REFUSED) from error
    transports = [str(one)[:20] for one in (credential.get("response") or {}).get("transports") or ()][:8]
    key = Passkey(
        user=user, name=name, credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, transports=transports, created_at=now,
    )  # fmt: skip
    return _store(key)


def _store(key: Passkey) -> Passkey:
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=key.user_id)
            if Passkey.objects.filter(user_id=key.user_id).count() >= MOST:
                raise invalid(credential=said("An account has at most %(most)s passkeys; remove one first.", most=MOST))
            key.save(force_insert=True)
    except IntegrityError as error:
        raise invalid(credential="This passkey is known already.") from error
    return key


def authentication_options(*, user_id: int | None, site: Site, now: datetime) -> dict[str, Any]:
    """What the browser needs to sign in (`PublicKeyCredential.parseRequestOptionsFromJSON`): with the keys of one account,
    or with any that it keeps for this host."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    keys = list_passkeys(user_id) if user_id else []
    allowed = [PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in keys]
    options = webauthn.generate_authentication_options(
        rp_id=site.host, allow_credentials=allowed or None, user_verification=UserVerificationRequirement.REQUIRED
    )
    _keep(options.challenge, None, now)
    return _plain(webauthn.options_to_json(options))


def check_passkey(*, credential: Mapping[str, Any], user_id: int | None, site: Site, now: datetime) -> int:
    """The account whose passkey signed one of our challenges: `user_id`'s, where it is given.

    `credential` as the browser's `toJSON()` makes it. Raises `auth.bad_credentials`.
    """
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _spend(credential, None, now)
    key = _known(credential)
    if key is None or (user_id is not None and key.user_id != user_id):
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, REFUSED)
    try:
        used = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, REFUSED) from error
    Passkey.objects.filter(pk=key.pk).update(sign_count=used.new_sign_count, last_used_at=now)
    return key.user_id


def _known(credential: Mapping[str, Any]) -> Passkey | None:
    from webauthn.helpers import base64url_to_bytes

    try:
        raw = base64url_to_bytes(str(credential.get("id") or credential.get("rawId") or ""))
    except ValueError:
        return None
    return Passkey.objects.filter(credential_id=raw).first()


def remove_passkey(*, user: User, passkey_id: int) -> None:
    """Removes it. Raises `not_found`."""
    if not Passkey.objects.filter(pk=passkey_id, user=user).delete()[0]:
        raise not_found()


def forget_challenges(now: datetime) -> int:
    """A daily job: deletes challenges that were not signed in time. Returns how many."""
    return PasskeyChallenge.objects.filter(expires_at__lte=now).delete()[0]


def _keep(challenge: bytes, user_id: int | None, now: datetime) -> None:
    digest = sha256(challenge).digest()
    PasskeyChallenge.objects.create(digest=digest, user_id=user_id, expires_at=now + CHALLENGE_LIVES)


def _spend(credential: Mapping[str, Any], user_id: int | None, now: datetime) -> bytes:
    """The challenge that was signed, by one atomic delete. Raises `auth.bad_credentials` for one that is not ours."""
    from webauthn.helpers import base64url_to_bytes

    try:
        response = credential.get("response") or {}
        data = json.loads(base64url_to_bytes(str(response.get("clientDataJSON") or "")))
        challenge = base64url_to_bytes(str(data["challenge"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, REFUSED) from None
    whose = Q(user_id=user_id) if user_id is not None else Q(user=None)
    ours = PasskeyChallenge.objects.filter(whose, digest=sha256(challenge).digest(), expires_at__gt=now)
    if not ours.delete()[0]:
        raise DomainError(Code.AUTH_BAD_CREDENTIALS, REFUSED)
    return challenge


def _plain(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
