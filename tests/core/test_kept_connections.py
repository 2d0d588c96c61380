"""Connections between two requests, and requests that the application begins without a task."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager

import pytest
import uvicorn

from core.server.answers import send_answer
from core.server.http_protocol import BoundedHttp
from core.server.replies import WRITTEN, Outlet, Rest

ASK = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"


class App:
    """Begins what is asked of it in the way that the path names."""

    def __init__(self):
        self.begun, self.tasks, self.protocols = 0, 0, set()
        self.lost, self.outcomes, self.unheard = asyncio.Event(), [], []

    async def __call__(self, scope, receive, send):
        self.tasks += 1
        await send_answer(scope, send, 200, [(b"content-length", b"4")], b"task")

    def begin(self, scope, reply):
        if scope["path"] == "/task":
            return False
        self.begun += 1
        asyncio.get_running_loop().call_soon(getattr(self, scope["path"][1:]), reply)
        return True

    def small(self, reply):
        """The event loop writes it."""
        reply.finish((200, [(b"content-length", b"5")], b"small"), self.never)

    def thread(self, reply):
        """A thread writes it, and the loop hears of that."""
        loop, answer = asyncio.get_running_loop(), (200, [(b"content-length", b"6")], b"thread")

        def work():
            loop.call_soon_threadsafe(self.heard, reply, reply.write(answer))

        threading.Thread(target=work).start()

    def heard(self, reply, outcome):
        self.outcomes.append(outcome)
        reply.finish(outcome, self.never)

    def late(self, reply):
        """A thread writes it, and the loop hears of that only after the client's next request."""
        self.unheard.append((reply, reply.write((200, [(b"content-length", b"4")], b"late"))))

    def gone(self, reply):
        """The loop gives it up, and answers; then its thread has an answer, too."""
        reply.finish((503, [(b"content-length", b"4")], b"gone"), self.never)
        outcome = reply.write((200, [(b"content-length", b"4")], b"late"))
        assert isinstance(outcome, tuple)
        reply.finish(outcome, self.never)

    def large(self, reply):
        answer = (200, [(b"content-length", b"200000")], b"x" * 200_000)
        outcome = reply.write(answer)
        assert outcome is answer

        async def parts(scope, receive, send):
            await send_answer(scope, send, *answer)

        reply.finish(outcome, parts)

    def fails(self, reply):
        async def fail(scope, receive, send):
            raise ValueError("a bug")

        reply.finish(None, fail)

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
        assert await ask(reader, writer, b"thread") == (OK, b"thread")
        # Some at once: each waits for the one before it.
        paths = [b"small", b"thread", b"task", b"thread", b"small", b"large", b"thread", b"thread", b"task"]
        writer.write(b"".join(ASK % path for path in paths))
        bodies = [(await answer(reader))[1] for _ in paths]
        assert bodies == [b"x" * 200_000 if path == b"large" else path for path in paths]
        assert (app.begun, app.tasks) == (10, 3)
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


async def test_the_loop_may_hear_late_of_an_answer():
    app = App()
    async with served(app) as (reader, writer):
        assert await ask(reader, writer, b"late") == (OK, b"late")
        writer.write(ASK % b"late" + ASK % b"task")
        assert await answer(reader) == (OK, b"late")
        (first, written), (second, waited_for) = app.unheard
        # The second has begun, though the loop knew nothing of the first's end; the third waits for the second.
        assert written is WRITTEN
        assert isinstance(waited_for, Rest)
        first.finish(written, app.never)
        assert app.tasks == 0
        second.finish(waited_for, app.never)
        assert await answer(reader) == (OK, b"task")
        assert await ask(reader, writer, b"small") == (OK, b"small")


async def test_an_answer_is_sent_once():
    app = App()
    async with served(app) as (reader, writer):
        assert await ask(reader, writer, b"gone") == (b"HTTP/1.1 503 Service Unavailable", b"gone")
        assert await ask(reader, writer, b"small") == (OK, b"small")


class Full:
    """A way out that takes no more than some bytes."""

    def __init__(self, most):
        self.most = most

    def write(self, data):
        return self.sent(data[: self.most])

    def close(self):
        pass


@pytest.mark.parametrize("most", [0, 1, 40])
async def test_what_a_thread_can_not_write_the_loop_does(most):
    app = App()
    async with served(app) as (reader, writer):
        assert await ask(reader, writer, b"thread") == (OK, b"thread")
        [protocol] = app.protocols
        protocol.outlet, real = Full(most), protocol.outlet
        protocol.outlet.sent = real.write if most else len
        assert await ask(reader, writer, b"thread") == (OK, b"thread")
        protocol.outlet = real
        assert await ask(reader, writer, b"small") == (OK, b"small")
    # Nothing is left of the other, or the loop had the next request before its thread went on.
    assert sum(isinstance(outcome, Rest) and outcome.data != b"" for outcome in app.outcomes) == 1


def test_nothing_is_written_to_a_connection_that_was_closed():
    here, there = socket.socketpair()

    class Transport:
        def get_extra_info(self, name):
            return here

    outlet = Outlet(Transport())
    assert outlet.write(b"one") == 3
    outlet.close()
    assert outlet.write(b"two") == 3
    here.close()
    assert there.recv(10) == b"one"
    assert there.recv(10) == b""
    there.close()


def test_a_write_takes_what_the_connection_takes_and_tells_of_no_client_that_has_gone():
    here, there = socket.socketpair()
    here.setblocking(False)

    class Transport:
        def get_extra_info(self, name):
            return here

    outlet, large = Outlet(Transport()), bytes(10_000_000)
    taken = outlet.write(large)
    assert 0 < taken < len(large)
    assert outlet.write(b"more") == 0
    there.close()
    assert outlet.write(b"more") == 4
    here.close()


@pytest.mark.parametrize("path", [b"small", b"task", b"thread"])
async def test_a_connection_that_ends_after_its_answer(path):
    app = App()
    async with served(app) as (reader, writer):
        writer.write(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") % path)
        everything = await asyncio.wait_for(reader.read(), 5)
        assert everything.endswith(b"\r\n\r\n" + path)
        assert b"connection: close\r\n" in everything
