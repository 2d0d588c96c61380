"""The address by which a client reached its socket, so that addresses in replies work for it."""

from __future__ import annotations

from sys import intern
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def base_url(scope: Any) -> str:
    """`https://stay.example` of the handshake's Host; PUBLIC_URL where it sent none, or one that is not ours.

    The scheme is that of the connection; behind trusted proxies that of `X-Forwarded-Proto`, as for REST. The text is
    shared among sockets.
    """
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not host or not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return settings.PUBLIC_URL
    secure = scope.get("scheme") in ("wss", "https")
    if settings.TRUSTED_PROXIES and b"x-forwarded-proto" in headers:
        secure = headers[b"x-forwarded-proto"] == b"https"
    return intern(f"{'https' if secure else 'http'}://{host}")


def absolute_under(base: str, path: str) -> str:
    """The full address of a path; one that is full already (a bucket's) stays."""
    return path if "://" in path else f"{base}{path}"
