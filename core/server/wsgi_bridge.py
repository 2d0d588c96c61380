"""HTTP inside the ASGI application: Django's WSGI handler on a fixed pool of threads.

Each thread keeps its database connection. A request takes a thread only once its body is whole, and gives it back
before its answer goes out, so that slow clients on either end cost no thread; the price is that an answer is held in
memory, which is fine for JSON, pages and pictures of a few megabytes.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO
from urllib.parse import quote_from_bytes

import orjson
from django.conf import settings

from core.server import request_bodies

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
# More requests than this waiting for a thread are turned away at once: their clients would have given up anyway.
LONGEST_QUEUE = 1000
BODILESS = (204, 304)
CLOSING = (b"connection", b"close")
URL_BYTES = "".join(map(chr, range(0x21, 0x7F)))


class WsgiBridge:
    """An ASGI application that answers `http` scopes with a WSGI application."""

    def __init__(self, app: Callable[..., Iterable[bytes]], threads: int) -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="http")
        self.waiting = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self.answer(scope, receive)
        if answer is None:
            return
        status, headers, body = answer
        if answer[1][-1:] == [CLOSING]:
            headers = [*headers, *readable_from(scope)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, scope: Any, receive: Any) -> Answer | None:
        """None where nobody is left to hear it."""
        limit = request_bodies.limit_of(scope["path"])
        if declared_length(scope) > limit:
            return refusal(413, "too_large", "The request is too large.")
        try:
            body, length = await request_bodies.read(receive, limit)
        except request_bodies.TooLarge:
            return refusal(413, "too_large", "The request is too large.")
        except request_bodies.TooMuch:
            return refusal(503, "unavailable", "Too much at once. Try again.")
        except request_bodies.Incomplete:
            return refusal(400, "command.malformed", "The body did not arrive.")
        with body:
            return await self.in_thread(environ(scope, body, length))

    async def in_thread(self, request: dict[str, Any]) -> Answer:
        if self.waiting >= LONGEST_QUEUE:
            return refusal(503, "unavailable", "Too much at once. Try again.")
        self.waiting += 1
        try:
            context = contextvars.copy_context()
            return await asyncio.get_running_loop().run_in_executor(self.pool, context.run, call, self.app, request)
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """Waits for the requests that run."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def call(app: Callable[..., Iterable[bytes]], request: dict[str, Any]) -> Answer:
    """One request through the WSGI application, start to end, in this thread."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
        started[:] = [int(status[:3]), [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]]
        return lambda chunk: None

    chunks = app(request, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    status, headers = started
    if status not in BODILESS and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(body)).encode()))
    return status, headers, body


def environ(scope: Any, body: BinaryIO, length: int) -> dict[str, Any]:
    """The request as PEP 3333 wants it; CONTENT_LENGTH is what really came (a chunked body declares none)."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    request = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": scope["path"].encode("utf-8", "replace").decode("latin1"),
        # Raw bytes beyond ASCII reach us where a client did not percent-encode them.
        "QUERY_STRING": quote_from_bytes(scope["query_string"], safe=URL_BYTES),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    request.update(header_fields(scope["headers"]))
    request["CONTENT_LENGTH"] = str(length)
    return request


def header_fields(given: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """A request's headers as WSGI names them; several of one name joined."""
    result: dict[str, str] = {}
    for name, value in given:
        # X_Forwarded_For would be taken for X-Forwarded-For; no honest client sends an underscore.
        if b"_" in name:
            continue
        key = name.decode("latin1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        result[key] = f"{result[key]}{joint}{value.decode('latin1')}" if key in result else value.decode("latin1")
    return result


def declared_length(scope: Any) -> int:
    """The body's length that its head names, in bytes; 0 where it names none."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0


def refusal(status: int, code: str, message: str) -> Answer:
    """An answer without Django: status, headers, body; the connection is closed."""
    body = orjson.dumps({"code": code, "message": message, "params": {}, "fields": {}})
    kept = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    # What is left of the body is not read; the connection can't be used again.
    return status, [*kept, CLOSING], body


def readable_from(scope: Any) -> list[tuple[bytes, bytes]]:
    """What lets a page on another origin of ours read a refusal that never came as far as the middleware."""
    origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
    if origin.decode("latin1") not in settings.CORS_ALLOWED_ORIGINS:
        return []
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
