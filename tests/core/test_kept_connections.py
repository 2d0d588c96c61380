"""Connections between two requests, and requests that the application begins without a task."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn

from core.server.answers import send_answer
from core.server.http_protocol import BoundedHttp

ASK = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"


class App:
    """Begins what is asked of it in the way that the path names."""

    def __init__(self):
        self.begun, self.tasks, self.protocols = 0, 0, set()
        self.lost = asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.tasks += 1
        await send_answer(scope, send, 200, [(b"content-length", b"4")], b"task")

    def begin(self, scope, done):
        if scope["path"] == "/task":
            return False
        self.begun += 1
        loop, kind = asyncio.get_running_loop(), scope["path"][1:]
        loop.call_soon(getattr(self, kind), done)
        return True

    def small(self, done):
        done((200, [(b"content-length", b"5")], b"small"), self.never)

    def large(self, done):
        body = b"x" * 200_000

        async def parts(scope, receive, send):
            await send_answer(scope, send, 200, [(b"content-length", b"%d" % len(body))], body)

        done((200, [(b"content-length", b"%d" % len(body))], body), parts)

    def fails(self, done):
        async def fail(scope, receive, send):
            raise ValueError("a bug")

        done(None, fail)

    async def never(self, scope, receive, send):
        raise AssertionError("it was written already")


@asynccontextmanager
async def served(app, keep_alive=5):
    kept = app.protocols

    class Watched(BoundedHttp):
        def connection_made(self, transport):
            super().connection_made(transport)
            self.timeout_keep_alive = keep_alive
            kept.add(self)

        def connection_lost(self, exc):
            super().connection_lost(exc)
            app.lost.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, http=Watched, ws="none", lifespan="off", log_level="critical", access_log=False)
        config.load()
        config.loaded_app = app  # as it is with the hub's own settings: without a wrapper
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        yield reader, writer
        writer.close()
        server.should_exit = True
        await serving


async def ask(reader, writer, path):
    writer.write(ASK % path)
    return await answer(reader)


async def answer(reader):
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head.split(b"\r\n")[0], await reader.readexactly(length)


OK = b"HTTP/1.1 200 OK"


async def test_begun_or_not_each_answer_comes_over_the_same_connection():
    app = App()
    async with served(app) as (reader, writer):
        assert await ask(reader, writer, b"small") == (OK, b"small")
        assert await ask(reader, writer, b"task") == (OK, b"task")
        assert await ask(reader, writer, b"large") == (OK, b"x" * 200_000)
        # Two at once: the second waits for the first.
        writer.write(ASK % b"small" + ASK % b"task" + ASK % b"small")
        assert [(await answer(reader))[1] for _ in range(3)] == [b"small", b"task", b"small"]
        assert (app.begun, app.tasks) == (4, 2)
        status, _ = await ask(reader, writer, b"fails")
        assert status == b"HTTP/1.1 500 Internal Server Error"


async def test_a_connection_at_rest_ends_after_its_time_and_not_before():
    app = App()
    async with served(app, keep_alive=0.05) as (reader, writer):
        began_at = asyncio.get_running_loop().time()
        await ask(reader, writer, b"small")
        [protocol] = app.protocols
        protocol.rests_since += 0.1  # as if another answer had gone out later, which leaves the timer as it is
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert asyncio.get_running_loop().time() - began_at >= 0.14
        assert protocol.timeout_keep_alive_task is None


async def test_a_request_under_way_is_never_cut_by_the_timer():
    app = App()
    async with served(app) as (reader, writer):
        await ask(reader, writer, b"small")
        [protocol] = app.protocols
        protocol._unset_keepalive_if_required()
        protocol.timeout_keep_alive_handler()
        assert await ask(reader, writer, b"small") == (OK, b"small")
        assert protocol.rests_since is not None


async def test_no_timer_outlives_its_connection():
    app = App()
    async with served(app, keep_alive=60) as (reader, writer):
        await ask(reader, writer, b"small")
        [protocol] = app.protocols
        timer = protocol.timeout_keep_alive_task
        writer.close()
        await asyncio.wait_for(app.lost.wait(), 5)
        assert timer.cancelled()
        assert protocol.timeout_keep_alive_task is None


@pytest.mark.parametrize("path", [b"small", b"task"])
async def test_a_connection_that_ends_after_its_answer(path):
    app = App()
    async with served(app) as (reader, writer):
        writer.write(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") % path)
        everything = await asyncio.wait_for(reader.read(), 5)
        assert everything.endswith(b"\r\n\r\n" + path)
        assert b"connection: close\r\n" in everything
