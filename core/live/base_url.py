"""Finds the address by which a client reached its socket, so that the addresses in replies work for that client."""

from __future__ import annotations

from sys import intern
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def base_url(scope: Any) -> str:
    """Returns `https://stay.example`, from the handshake's Host; PUBLIC_URL where the client sent no Host of ours.

    The scheme is that of the connection, and behind trusted proxies that of `X-Forwarded-Proto`, as in REST. Sockets share
    one text object, to save memory.
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
    """Returns the full address of a path. An address that is full already, as in a storage bucket, stays as it is."""
    return path if "://" in path else f"{base}{path}"
