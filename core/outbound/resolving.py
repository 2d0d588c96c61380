"""Looks names up once, so that the connection goes to the address that was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from core.outbound.public_addresses import AddressRefused, is_public

# A hanging look-up keeps its thread until the system gives up; with so many threads others find one free.
LOOKUPS = 32
FLAGS = socket.AI_ADDRCONFIG


class JudgingResolver(AbstractResolver):
    """Answers the public addresses of a name, or every one where `is_allowed(host, port)` says so.

    It refuses a name with any address that is not public, because the next look-up may return that one.
    """

    def __init__(self, is_allowed: Callable[[str, int], bool]) -> None:
        self._is_allowed = is_allowed
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="look-up")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises AddressRefused: not_public, unknown_name."""
        found = await self._look_up(host, port)
        if not self._is_allowed(host, port) and not all(is_public(address) for _, address in found):
            raise AddressRefused("not_public")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, address in found
        ]

    async def _look_up(self, host: str, port: int) -> list[tuple[int, str]]:
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=FLAGS)
            )
        except (OSError, UnicodeError) as error:
            raise AddressRefused("unknown_name", host[:80]) from error
        found = dict.fromkeys((kind, str(where[0])) for kind, _, _, _, where in rows)
        if not found:
            raise AddressRefused("unknown_name", host[:80])
        return list(found)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
