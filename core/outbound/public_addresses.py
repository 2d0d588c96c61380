"""Decides to which addresses a user may send this server: public ones, and hosts that the operator names.

Source: IANA's registries of special-purpose addresses (RFC 6890 and what followed). IPv4 written as IPv6 (mapped, 6to4,
Teredo, NAT64 of RFC 6052 and 8215) does not count as public.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from yarl import URL

Address = IPv4Address | IPv6Address


class AddressRefused(Exception):
    """`code`: bad_url, bad_scheme, not_public, unknown_name; `detail` a short word that a sentence may name."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code, self.detail = code, detail


MOST_LETTERS = 2000
PORTS = {"http": 80, "https": 443}
# Blanks, control characters and backslashes, which programs read in different ways.
ODD = re.compile(r"[\x00-\x20\x7f\\]")

NOT_PUBLIC_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# Of IPv6 only the range assigned for global use, without its special parts.
PUBLIC_6 = ip_network("2000::/3")
NOT_PUBLIC_6 = tuple(
    map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20"))
)


def is_public(address: str) -> bool:
    """Whether an address is public. An IPv4 address written as IPv6 never counts, since this server does not know which gateway
    translates it."""
    try:
        found: Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return found in PUBLIC_6 and not any(found in net for net in NOT_PUBLIC_6)
    return not any(found in net for net in NOT_PUBLIC_4)


def literal_address(host: str) -> str | None:
    """The address that a host's name is, in the short, octal and hexadecimal forms of IPv4 too; None for a name."""
    bare = host.strip("[]").rstrip(".")
    try:
        return str(ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(bare)) if re.fullmatch(r"[0-9a-fx.]+", bare, re.IGNORECASE) else None
    except OSError:
        return None


def read_url(text: str, allowed: Sequence[str] = ()) -> URL:
    """The URL of an address that may be read: http or https, with a host, which is public where it is a literal address.

    `allowed` are the operator's `host` or `host:port`, as written in the address. It does not look names up. Raises
    AddressRefused: bad_url, bad_scheme, not_public.
    """
    url = _parsed(text)
    if url.scheme not in PORTS:
        raise AddressRefused("bad_scheme", url.scheme[:20])
    host = url.host
    if not host or not url.port:
        raise AddressRefused("bad_url")
    literal = literal_address(host)
    if literal is not None and not (is_allowed(url, allowed) or is_public(literal)):
        raise AddressRefused("not_public")
    return url.with_fragment(None)


def _parsed(text: str) -> URL:
    if len(text) > MOST_LETTERS or ODD.search(text):
        raise AddressRefused("bad_url")
    try:
        url = URL(text)
        url.port, url.raw_host  # noqa: B018 - judged when they are read
    except (ValueError, TypeError) as error:
        raise AddressRefused("bad_url") from error
    return url


def is_allowed(url: URL, allowed: Sequence[str]) -> bool:
    """Whether the operator named this host, with every port or with this one."""
    host = (url.host or "").casefold().rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    names = {name.strip().casefold() for name in allowed}
    return bool({host, shown, f"{shown}:{url.port}"} & names)
