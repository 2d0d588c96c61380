"""Sends one request to a push service: ten seconds in all, no redirects, public addresses only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp

from accounts.pushing.answers import Answer, Sent
from accounts.pushing.encoding import Push, encrypted, headers_of
from accounts.pushing.vapid import authorization
from core import clock
from core.outbound.judged_session import open_session
from core.outbound.public_addresses import AddressRefused, read_url

SECONDS, CONNECT_SECONDS = 10.0, 5.0
GONE = frozenset({404, 410})
LATER = frozenset({408, 425, 429})
LONGEST_HEADER = 8190


class Sender:
    """Sends for one event loop. Each request has its own connection, so that the sender knows whether the request was begun."""

    def __init__(self, allowed: Sequence[str], connections: int) -> None:
        self._allowed = allowed
        self._session = open_session(
            allowed, scheme="https", connections=connections, trace_configs=[_watch_begin()],
            timeout=aiohttp.ClientTimeout(total=SECONDS, sock_connect=CONNECT_SECONDS),
            max_line_size=LONGEST_HEADER, max_field_size=LONGEST_HEADER,
        )  # fmt: skip

    async def send(self, push: Push) -> Sent:
        """Sends one message, once."""
        begun = asyncio.Event()
        try:
            url = read_url(push.endpoint, self._allowed)
            headers = headers_of(push, authorization(push.origin, clock.unix()))
            async with self._session.post(
                url, data=encrypted(push), headers=headers, allow_redirects=False, trace_request_ctx=begun
            ) as reply:
                return read_reply(reply.status, reply.headers.get("Retry-After", ""))
        except AddressRefused as refused:
            # A name may be found later; an address that is refused stays refused.
            return Sent(Answer.LATER if refused.code == "unknown_name" else Answer.REFUSED, str(refused))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Sent(Answer.DOUBTFUL if begun.is_set() else Answer.LATER, type(error).__name__)

    async def close(self) -> None:
        await self._session.close()


def read_reply(status: int, retry_after: str) -> Sent:
    """What a push service's answer means (RFC 8030, 5 and 7.3)."""
    words = f"HTTP {status}"
    if 200 <= status < 300:
        return Sent(Answer.TAKEN, words)
    if status in GONE:
        return Sent(Answer.GONE, words)
    if status in LATER or status >= 500:
        seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else None
        return Sent(Answer.LATER, words, None if seconds is None else timedelta(seconds=seconds))
    return Sent(Answer.REFUSED, words)


def _watch_begin() -> aiohttp.TraceConfig:
    """Sets a request's event as soon as any of it may have left."""
    trace = aiohttp.TraceConfig()

    async def note(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx.set()

    trace.on_request_headers_sent.append(note)
    trace.on_request_chunk_sent.append(note)
    return trace
