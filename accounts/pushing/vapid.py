"""Says who sends (RFC 8292): by the operator's key pair, with a signed token for each push service."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from email.utils import parseaddr
from functools import lru_cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid, VapidException

# A signed token may be good for a day at most; a new one is made every six hours.
GOOD_FOR_S, RENEWED_S = 12 * 3600, 6 * 3600


def is_set_up() -> bool:
    """Whether the operator gave a key, so that push is offered at all."""
    return bool(settings.VAPID_PRIVATE_KEY)


@lru_cache(maxsize=4)
def read_key(text: str) -> Vapid:
    """The key pair of `VAPID_PRIVATE_KEY`: 32 bytes or DER, as base64url. Raises ValueError."""
    try:
        return Vapid.from_string(text)
    except (VapidException, ValueError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error


def public_key() -> str:
    """What browsers subscribe with (`applicationServerKey`): the uncompressed point, as base64url without padding."""
    point = read_key(settings.VAPID_PRIVATE_KEY).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def authorization(origin: str, now_s: float) -> str:
    """The `Authorization` header for a push service at `origin` (scheme and host) at that Unix time."""
    return _signed(settings.VAPID_PRIVATE_KEY, subject(), origin, int(now_s) // RENEWED_S)


@lru_cache(maxsize=1000)
def _signed(key: str, sub: str, origin: str, period: int) -> str:
    claims = {"sub": sub, "aud": origin, "exp": period * RENEWED_S + GOOD_FOR_S}
    return str(read_key(key).sign(claims)["Authorization"])


def subject() -> str:
    """Where a push service may reach the operator: a mailto: or https: address."""
    contact = settings.SECURITY_CONTACT
    if contact.startswith(("mailto:", "https:")):
        return contact
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
