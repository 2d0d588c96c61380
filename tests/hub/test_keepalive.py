"""Connections that have gone quiet: who does not pong is let go, and who never ends his request as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from core.server import http_protocol, serve
from tests.waiting import until

PING_S, PONG_S = 0.1, 0.2
# As in production the two are the same, and then one timer pings all sockets; else uvicorn's own do.
BY_ONE_TIMER, BY_MANY = (PONG_S, PONG_S), (PING_S, PONG_S)


async def talkative(scope: Any, receive: Any, send: Any) -> None:
    """An application that accepts every socket and says nothing."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture(params=[BY_ONE_TIMER, BY_MANY], ids=["one timer", "many"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """A server as `core.server.serve` makes it, but for its patience."""
    config = serve.config(host="127.0.0.1", port=0)
    assert (config.ws_ping_interval, config.ws_ping_timeout) == (20, 20)
    config.app, config.loop, config.lifespan = talkative, "none", "off"
    config.ws_ping_interval, config.ws_ping_timeout = request.param
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await asyncio.to_thread(until, lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


class Mute:
    """A websocket client that reads everything and answers no ping."""

    def __init__(self, port: int) -> None:
        self.protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/ws/"))
        self.port = port
        self.pings = 0

    async def until_the_end(self) -> int | None:
        """The close code; None where the connection was simply cut."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.protocol.send_request(self.protocol.connect())
        writer.write(b"".join(self.protocol.data_to_send()))
        while data := await reader.read(4096):
            self.protocol.receive_data(data)
            for event in self.protocol.events_received():
                self.pings += isinstance(event, Frame) and event.opcode is Opcode.PING
        writer.close()
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None


async def test_who_does_not_pong_is_closed(port: int) -> None:
    mute = Mute(port)
    async with asyncio.timeout(5):
        await mute.until_the_end()
    assert mute.pings >= 1


async def test_who_pongs_stays(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/ws/", ping_interval=None) as socket:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4 * (PING_S + PONG_S)):
                await socket.wait_closed()


@pytest.mark.parametrize("head", [b"", b"GET /ws/ HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half a head"])
async def test_a_handshake_that_never_ends_is_cut(port: int, head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_a_handshake_without_measure_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /ws/ HTTP/1.1\r\n" + b"X-Long: " + b"x" * (http_protocol.HEAD_BYTES + 1))
    async with asyncio.timeout(5):
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
