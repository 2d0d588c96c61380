"""Fetches one address: at most ten seconds in all, three redirects, two megabytes, plain or gzip."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import aiohttp
from yarl import URL

from core.outbound.judged_session import open_session
from core.outbound.public_addresses import AddressRefused, read_url
from properties.rules.ical.limits import MOST_BYTES
from properties.rules.ical.problems import CalendarProblem

SECONDS = 10.0
REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})
CHUNK = 64 * 1024
HEADERS = {
    "User-Agent": "StayNest-Calendar/1.0",
    "Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file; `body` is None where nothing has changed since `etag` or `modified` (304)."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


class Fetcher:
    """Fetches for one event loop; connections are not shared between addresses, nor cookies kept."""

    def __init__(self, allowed: Sequence[str], connections: int = 100) -> None:
        self._allowed = allowed
        self._session = open_session(
            allowed, scheme="http", connections=connections, headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=None), read_bufsize=CHUNK,
        )  # fmt: skip

    async def fetch(self, address: str, *, etag: str = "", modified: str = "") -> Fetched:
        """The file at `address`, unless it is still the one of `etag` or `modified`. Raises CalendarProblem."""
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in known.items() if value}
        try:
            async with asyncio.timeout(SECONDS):
                return await self._follow(address, headers)
        except TimeoutError:
            raise CalendarProblem("timed_out", f"{SECONDS:g}") from None
        except AddressRefused as refused:
            raise CalendarProblem(refused.code, refused.detail) from refused
        except aiohttp.ClientConnectorCertificateError as error:
            raise CalendarProblem("bad_certificate") from error
        except aiohttp.ClientConnectorError as error:
            raise CalendarProblem("no_connection") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise CalendarProblem("broken_answer") from error

    async def close(self) -> None:
        await self._session.close()

    async def _follow(self, address: str, headers: dict[str, str]) -> Fetched:
        """Follows redirects, and checks each address as it checks the first."""
        for _ in range(REDIRECTS + 1):
            url = read_url(address, self._allowed)
            async with self._session.get(_as_written(address, url), headers=headers, allow_redirects=False) as answer:
                if answer.status not in MOVED:
                    return await _taken(answer)
                address = _next(url, answer)
        raise CalendarProblem("too_many_redirects", str(REDIRECTS))


def _as_written(address: str, url: URL) -> URL:
    """The address exactly as the host wrote it: quoting its secrets again may break a signature."""
    exact = URL(address, encoded=True).with_fragment(None) if address.isascii() else url
    return exact if exact.raw_host == url.raw_host and exact.port == url.port else url


def _next(url: URL, answer: aiohttp.ClientResponse) -> str:
    place = answer.headers.get("Location", "")
    if not place:
        raise CalendarProblem("broken_answer")
    return str(url.join(URL(place)))


async def _taken(answer: aiohttp.ClientResponse) -> Fetched:
    if answer.status == 304:
        return Fetched(None)
    if answer.status != 200:
        raise CalendarProblem("bad_status", str(answer.status))
    body = await _body(answer)
    return Fetched(body, answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:60])


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked chunk by chunk up to MOST_BYTES: a small packed body may be large when unpacked."""
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise CalendarProblem("bad_encoding", encoding[:20])
    if (answer.content_length or 0) > MOST_BYTES:
        raise too_large()
    chunks = answer.content.iter_chunked(CHUNK)
    pieces: list[bytes] = []
    size = 0
    async for piece in _unpacked(chunks) if "gzip" in encoding else chunks:
        size += len(piece)
        if size > MOST_BYTES:
            raise too_large()
        pieces.append(piece)
    return b"".join(pieces)


def too_large() -> CalendarProblem:
    return CalendarProblem("too_large", str(MOST_BYTES // 2**20))


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Unpacks to pieces of at most one chunk, however much a chunk unpacks to."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        async for chunk in chunks:
            while chunk:
                yield unpacker.decompress(chunk, CHUNK)
                chunk = unpacker.unconsumed_tail
    except zlib.error as error:
        raise CalendarProblem("broken_answer") from error
    if not unpacker.eof:
        raise CalendarProblem("cut_off")
