"""Sends HTTP answers in parts, as fast as their readers take them, and bounds the memory of all answers together."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import orjson
from django.conf import settings

from core.server.http_protocol import CUT, WHOLE
from core.server.whole_answers import PART_BYTES, is_small

Headers = list[tuple[bytes, bytes]]
# Bytes that all waiting answers of this process may occupy. Beyond that the one that has waited longest is cut off.
ALL_WAITING = 64 * 1024 * 1024
RETRY_AFTER_S = 2
CLOSING = (b"connection", b"close")


class OpenFile:
    """A file that a view returns (`wsgi.file_wrapper` of PEP 3333). A file on the local disk is sent part by part."""

    def __init__(self, file: Any, block_size: int = PART_BYTES) -> None:
        self.file = file

    @property
    def is_local(self) -> bool:
        """Whether the file is on the local disk, so that reading it never waits for a network."""
        inner = getattr(self.file, "file", self.file)
        return isinstance(inner, io.BufferedReader | io.BytesIO)

    def __iter__(self) -> Iterator[bytes]:
        while part := self.file.read(PART_BYTES):
            yield part

    def close(self) -> None:
        """Closes the file and the response that it belongs to."""
        self.file.close()


class Waiting:
    """The answers that are being sent, in the order in which they began, and their bytes in memory."""

    def __init__(self) -> None:
        self.held: dict[object, tuple[int, Callable[[], None]]] = {}
        self.total = 0

    def add(self, size: int, cut: Callable[[], None]) -> object:
        """Counts an answer, and cuts off those that waited longest until all together fit. Returns a mark for `remove`."""
        mark = object()
        self.held[mark] = (size, cut)
        self.total += size
        while self.total > ALL_WAITING and len(self.held) > 1:
            oldest = next(iter(self.held))
            end = self.held[oldest][1]
            self.remove(oldest)
            end()
        return mark

    def remove(self, mark: object) -> None:
        """Removes an answer that was sent or given up."""
        size, _ = self.held.pop(mark, (0, None))
        self.total -= size


waiting = Waiting()


async def send_answer(
    scope: Any, send: Any, status: int, headers: Headers, body: bytes | OpenFile,
    rest: Callable[[], Awaitable[None]] | None = None,
) -> None:  # fmt: skip
    """Sends the whole answer; returns when the connection has taken the last part.

    `rest` reads what the client still sends, before the connection is closed: a browser that is interrupted while it sends
    shows a broken connection instead of the answer.
    """
    extensions = scope.get("extensions", {})
    if rest is None and is_small(body):
        write: Callable[[Any, int, Headers, bytes], bool] | None = extensions.get(WHOLE)
        if write is not None and write(scope, status, headers, body):
            return
    cut = extensions.get(CUT, lambda: None)
    mark = waiting.add(len(body) if isinstance(body, bytes) else PART_BYTES, cut)
    try:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if rest is None and is_small(body):
            await send({"type": "http.response.body", "body": body})
            return
        for part in parts_of(body):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        if rest is not None:
            await rest()
        await send({"type": "http.response.body", "body": b""})
    finally:
        waiting.remove(mark)
        if isinstance(body, OpenFile):
            body.close()


def parts_of(body: bytes | OpenFile) -> Iterator[bytes]:
    """Yields the body in parts of at most PART_BYTES."""
    if isinstance(body, OpenFile):
        yield from body
        return
    for start in range(0, len(body), PART_BYTES):
        yield body[start : start + PART_BYTES]


def refusal(status: int, code: str, message: str, scope: Any) -> tuple[int, Headers, bytes]:
    """Returns status, headers and body of a refusal that is made without Django.

    It closes the connection, because the rest of the request's body is not read.
    """
    params = {"retry_after": RETRY_AFTER_S} if status == 503 else {}
    body = orjson.dumps({"code": code, "message": message, "params": params, "fields": {}})
    return closing(status, b"application/json", body, scope)


def closing(status: int, kind: bytes, body: bytes, scope: Any) -> tuple[int, Headers, bytes]:
    """Returns an answer of the media type `kind`, after which the connection is closed."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    return status, [*headers, *readable_from(scope), CLOSING], body


def readable_from(scope: Any) -> Headers:
    """Returns headers that let a page from another allowed origin read a refusal made before the middleware."""
    origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
    if origin.decode("latin1") not in settings.CORS_ALLOWED_ORIGINS:
        return []
    exposed = ", ".join(settings.CORS_EXPOSE_HEADERS).encode()
    return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", exposed), (b"vary", b"origin")]
