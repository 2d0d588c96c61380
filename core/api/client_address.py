"""The address of a client: the part of it that limits are counted by."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"
# One household or machine has a whole /64, so a count of single IPv6 addresses would limit nothing.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The client's IPv4 address or IPv6 /64, as text."""
    return address_of(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def address_of(peer: str, forwarded: str, *, proxies: int | None = None) -> str:
    """The same from the connection's peer and an `X-Forwarded-For` header.

    `proxies` (default: the setting TRUSTED_PROXIES) entries from the right of the header are believed: each was written
    by a proxy of ours about whom it spoke with. What stands further left is the client's own tale.
    """
    believed = settings.TRUSTED_PROXIES if proxies is None else proxies
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    if believed and entries:
        return canonical(entries[-min(believed, len(entries))]) or canonical(peer) or UNKNOWN
    return canonical(peer) or UNKNOWN


def canonical(text: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one; "" where it is neither. A port is left out."""
    address = _parse(text) or _parse(text.rpartition(":")[0]) or _parse(text.rpartition("]")[0].lstrip("["))
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
        return str(address.ipv4_mapped)
    return str(address or "")


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
