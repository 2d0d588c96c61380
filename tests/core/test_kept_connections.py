"""Connections between two requests, and requests that the application begins without a task."""

import asyncio
import socket

import pytest

from core.server.replies import WRITTEN, Outlet, Rest
from tests.core.connections import ASK, OK, App, answer, ask, served


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


async def test_empty_lines_do_not_keep_a_connection():
    app = App()
    async with served(app, keep_alive=0.1) as (reader, writer):
        await ask(reader, writer, b"small")
        writer.write(b"\r\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""


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
