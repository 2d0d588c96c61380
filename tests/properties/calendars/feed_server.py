"""Another site's server on loopback: what it answers is set path by path; it can move, hang, drip, lie and pack."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Any]


@dataclass
class FeedServer:
    """`pages` maps a path to bytes, or to a coroutine function that answers; `asked` has every request's path and headers."""

    pages: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/a.ics", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, dict(request.headers)))
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if isinstance(page, bytes):
            return web.Response(body=page, content_type="text/calendar")
        return await page(request)


async def drip(request: web.Request) -> web.StreamResponse:
    """A byte a second, for ever."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await answer.write(b"B")
            await asyncio.sleep(1)
    return answer


async def endless(request: web.Request) -> web.StreamResponse:
    """Megabyte after megabyte."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(64):
            await answer.write(b"X" * 2**20)
    return answer


async def silent(request: web.Request) -> web.StreamResponse:
    """Nothing at all."""
    await asyncio.sleep(60)
    return web.Response()


def packed(body: bytes) -> Answer:
    """The body as gzip."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})

    return answer


def moved(place: str, status: int = 302) -> Answer:
    """A redirect."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": place})

    return answer


def tagged(body: bytes, etag: str = '"v1"') -> Answer:
    """304 for who knows the tag."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": etag, "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"})

    return answer


@contextlib.contextmanager
def running() -> Any:
    """The server in a thread of its own, on a free port of loopback."""
    server, ready, loop = FeedServer(), threading.Event(), asyncio.new_event_loop()

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", server.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.port = site._server.sockets[0].getsockname()[1]
        return runner

    def live() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        hanging = asyncio.all_tasks(loop)
        for task in hanging:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*hanging, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
