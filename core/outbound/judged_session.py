"""HTTP sessions for addresses that clients name: names are looked up once, only public addresses are connected to."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
from yarl import URL

from core.outbound.public_addresses import is_allowed
from core.outbound.resolving import JudgingResolver


def open_session(allowed: Sequence[str], *, scheme: str, connections: int, **options: Any) -> aiohttp.ClientSession:
    """A session of this event loop; the caller closes it. `allowed` as in `is_allowed`: hosts that need not be public.

    Each request has a connection of its own, since one that is kept would outlive the judgement of its name. No cookies are
    kept and no proxy of the environment is used. `scheme` fills the address that `is_allowed` judges: the resolver is told
    host and port alone. `options` go to aiohttp. Raises AddressRefused from a request whose name leads elsewhere.
    """
    resolver = JudgingResolver(lambda host, port: is_allowed(URL.build(scheme=scheme, host=host, port=port), allowed))
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        force_close=True,
        limit=connections,
        ssl=ssl.create_default_context(),
    )
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False, **options
    )
