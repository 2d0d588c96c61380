"""Finds the address of a client, and the part of it by which limits count."""

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


def peer_address(request: HttpRequest) -> str:
    """The client's whole address, for comparison with networks; "" where it can't be read."""
    told = believed_entry(request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    address = _address(told or "") or _address(request.META.get("REMOTE_ADDR", ""))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address or "")


def believed_entry(forwarded: str, proxies: int) -> str | None:
    """The entry of the header that our outermost proxy wrote; None where no proxy is trusted."""
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    return entries[-min(proxies, len(entries))] if proxies and entries else None


def address_of(peer: str, forwarded: str, *, proxies: int | None = None) -> str:
    """The same from the connection's peer and an `X-Forwarded-For` header.

    It believes `proxies` entries (default: the setting TRUSTED_PROXIES) from the right of the header: each was written by a
    proxy of ours about its peer. The client itself may have written what stands further left.
    """
    believed = settings.TRUSTED_PROXIES if proxies is None else proxies
    return canonical(believed_entry(forwarded, believed) or "") or canonical(peer) or UNKNOWN


def canonical(text: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one; "" where it is neither. A port is left out."""
    address = _address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
        return str(address.ipv4_mapped)
    return str(address or "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in a text that may also hold a port."""
    return _parse(text) or _parse(text.rpartition(":")[0]) or _parse(text.rpartition("]")[0].lstrip("["))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
