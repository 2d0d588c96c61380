"""An answer that is written at once is the same, byte for byte, as one that uvicorn writes in parts."""

import asyncio

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from core.server.whole_answers import status_line, write_whole

JSON = (b"content-type", b"application/json")
DATE = (b"date", b"Sat, 28 Nov 2026 01:00:00 GMT")


class Wire:
    """What stands for the connection."""

    def __init__(self):
        self.written, self.closed = b"", False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True


class Answered:
    """One request's cycle of uvicorn, and what became of it."""

    def __init__(self, method="GET", keep_alive=True, expects=False):
        self.wire, self.done = Wire(), 0
        self.cycle = RequestResponseCycle(
            scope={"method": method}, # type: ignore[typeddict-item]  # the rest is not asked for
            transport=self.wire, flow=FlowControl(self.wire), logger=None, access_logger=None,
            access_log=False, default_headers=[DATE], message_event=asyncio.Event(), expect_100_continue=expects,
            keep_alive=keep_alive, on_response=self.ended,
        )  # fmt: skip

    def ended(self):
        self.done += 1

    @property
    def state(self):
        cycle = self.cycle
        flags = (cycle.response_started, cycle.response_complete, cycle.waiting_for_100_continue, cycle.keep_alive)
        return self.wire.written, self.wire.closed, self.done, cycle.message_event.is_set(), flags


async def in_parts(answered, status, headers, body):
    await answered.cycle.send({"type": "http.response.start", "status": status, "headers": headers})
    await answered.cycle.send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("status", [200, 201, 400, 404, 429, 503, 599])
@pytest.mark.parametrize("how", [{}, {"keep_alive": False}, {"method": "POST", "expects": True}], ids=str)
@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 60_000], ids=len)
async def test_at_once_as_in_parts(status, how, body):
    headers = [JSON, (b"Content-Length", b"%d" % len(body)), (b"vary", b"Accept-Language, origin"), (b"x", b"")]
    once, parts = Answered(**how), Answered(**how)
    assert write_whole(once.cycle, status, headers, body)
    await in_parts(parts, status, headers, body)
    assert once.state == parts.state


LENGTH = (b"content-length", b"2")
IN_PARTS = {
    "no length": ({}, 200, [JSON]),
    "two lengths": ({}, 200, [JSON, LENGTH, LENGTH]),
    "another length": ({}, 200, [JSON, (b"content-length", b"3")]),
    "without a body": ({}, 204, [LENGTH]),
    "not modified": ({}, 304, [LENGTH]),
    "only the head was asked for": ({"method": "HEAD"}, 200, [JSON, LENGTH]),
    "the connection ends": ({}, 503, [JSON, LENGTH, (b"connection", b"close")]),
    "chunked": ({}, 200, [JSON, LENGTH, (b"transfer-encoding", b"chunked")]),
    "a name that is none": ({}, 200, [LENGTH, (b"a b", b"x")]),
    "a value with a line's end": ({}, 200, [LENGTH, (b"a", b"x\r\nset-cookie: y")]),
}


@pytest.mark.parametrize(("how", "status", "headers"), IN_PARTS.values(), ids=IN_PARTS)
async def test_what_is_left_to_uvicorn(how, status, headers):
    answered = Answered(**how)
    before = answered.state
    assert not write_whole(answered.cycle, status, headers, b"{}")
    assert answered.state == before


@pytest.mark.parametrize("what", ["disconnected", "response_started", "access_log"])
async def test_nothing_is_written_where_something_was(what):
    answered = Answered()
    setattr(answered.cycle, what, True)
    assert not write_whole(answered.cycle, 200, [LENGTH], b"{}")
    assert answered.wire.written == b""


async def test_nothing_is_written_to_a_client_that_does_not_read():
    answered = Answered()
    answered.cycle.flow.pause_writing()
    assert not write_whole(answered.cycle, 200, [LENGTH], b"{}")


def test_a_status_without_a_name_has_a_line():
    assert status_line(599) == b"HTTP/1.1 599 \r\n"
