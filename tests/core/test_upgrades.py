"""Connections that become websockets."""

import asyncio
import gc
import weakref

from core.server.uvicorn_version import protocols
from core.server.websocket_protocol import LeanWebSocket
from tests.core.connections import ASK, OK, App, ask, served

UPGRADE = (
    b"GET /ws/ HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# A masked close frame with the code 1000.
CLOSE = b"\x88\x82\0\0\0\0\x03\xe8"


async def test_no_answer_is_written_into_a_websocket():
    """The socket may soon be another client's; and a websocket has no time within which the next request has to come."""
    app = App()
    async with served(app, ws=protocols()["ws"]) as (reader, writer):
        assert await ask(reader, writer, b"late") == (OK, b"late")
        writer.write(ASK % b"held" + UPGRADE)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 101 ")
        [protocol], [(late, written), (held, _)] = app.protocols, app.unheard
        late.finish(written, app.never)
        held.finish(held.write((200, [(b"content-length", b"4")], b"held")), app.never)
        assert protocol.timeout_keep_alive_task is None
        writer.write(CLOSE)
        assert await asyncio.wait_for(reader.read(), 5) == b"\x88\x02\x03\xe8"


async def test_a_websocket_that_ended_leaves_nothing_to_the_garbage_collector():
    made = []

    class Noted(LeanWebSocket):
        def own_parts(self):
            super().own_parts()
            made.append(weakref.ref(self))

    gc.disable()
    try:
        async with served(App(), ws=Noted) as (reader, writer):
            writer.write(UPGRADE)
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            writer.write(CLOSE)
            await asyncio.wait_for(reader.read(), 5)
            [socket_] = made
            for _ in range(50):
                if socket_() is None:
                    break
                await asyncio.sleep(0.01)
            assert socket_() is None
    finally:
        gc.enable()
