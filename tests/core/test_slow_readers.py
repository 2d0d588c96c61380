"""Clients that ask for much and read nothing: they are cut, and hold little meanwhile."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
import uvicorn

from core.server import answers, http_protocol
from core.server.answers import PART_BYTES, Waiting, send_answer
from core.server.http_protocol import BoundedHttp
from tests.servers import ServerProcess

LARGE = 8 * 1024 * 1024
MB = 1024 * 1024


class Sender:
    """An application that answers with a large body and counts what the connection took of it."""

    def __init__(self) -> None:
        self.taken = 0
        self.over = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def counted(message: Any) -> None:
            await send(message)
            self.taken += len(message.get("body", b""))

        try:
            headers = [(b"content-length", str(LARGE).encode())]
            await send_answer(scope, counted, 200, headers, bytes(LARGE))
        finally:
            self.over.set()


@asynccontextmanager
async def served(app: Sender) -> AsyncIterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # So that little waits in the kernel.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PART_BYTES)
        server = uvicorn.Server(uvicorn.Config(app, http=BoundedHttp, ws="none", lifespan="off", log_level="critical"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


def left_for(client: socket.socket) -> int:
    """What was underway when the connection was cut."""
    read = 0
    try:
        while part := client.recv(MB):
            read += len(part)
    except ConnectionError:
        pass
    return read


def ask(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PART_BYTES)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    return client


async def test_who_takes_nothing_is_cut_and_the_rest_is_never_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_S", 0.3)
    app = Sender()
    async with served(app) as port:
        with ask(port) as client:
            await asyncio.wait_for(app.over.wait(), 10)
            assert await asyncio.to_thread(left_for, client) < 20 * PART_BYTES


async def test_who_reads_slowly_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_S", 0.5)
    app = Sender()
    async with served(app) as port:
        with ask(port) as client:
            client.settimeout(5)
            read = await asyncio.to_thread(read_slowly, client, app.over)
    assert read > LARGE
    assert app.taken == LARGE


def read_slowly(client: socket.socket, over: asyncio.Event) -> int:
    read = 0
    while read < LARGE:
        part = client.recv(MB // 2)
        assert part, "cut"
        read += len(part)
    return read


def test_answers_that_wait_are_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ALL_WAITING", 100)
    waiting, cut = Waiting(), []
    marks = [waiting.add(40, lambda n=n: cut.append(n)) for n in range(2)]  # type: ignore[misc]
    waiting.remove(marks[1])
    assert (waiting.total, cut) == (40, [])
    for n in (2, 3, 4):
        waiting.add(40, lambda n=n: cut.append(n))  # type: ignore[misc]
    assert (waiting.total, cut) == (80, [0, 2])


@pytest.mark.django_db(transaction=True)
def test_three_hundred_who_read_nothing_hold_little(
    serve: Callable[..., ServerProcess], rounds: Callable[[int, int], int]
) -> None:
    """They held three megabytes each, as long as they liked."""
    server, many = serve(RATE_LIMIT_FACTOR="1000000"), rounds(60, 300)
    path = largest_static(server)
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    with ExitStack() as clients:
        for _ in range(many):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert httpx.get(f"{server.url}/healthz/", timeout=10).status_code == 200
        assert httpx.get(f"{server.url}{path}", timeout=20).status_code == 200
        assert process.memory_info().rss - before < 30 * MB + many * 4 * PART_BYTES


def largest_static(server: ServerProcess) -> str:
    """The documentation's library, more than a megabyte."""
    path = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    assert httpx.head(f"{server.url}{path}").status_code == 200
    return path
