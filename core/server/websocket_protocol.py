"""uvicorn's websocket protocol with what an idle or a busy socket does not need taken away.

An idle connection keeps no request, no response and no queues that asyncio makes for any number of readers (8 of 20 KB);
a frame for many sockets is encoded once; a reader that has stalled can be cut off. Everything else is uvicorn's own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from core.server.http_protocol import CUT

# In an ASGI event: its frame as it goes over the wire, the same for every socket it is sent to.
WIRE = "hub.wire"


class Mailbox:
    """A queue for one reader."""

    __slots__ = ("items", "loop", "reader")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.items: deque[Any] | None = None
        self.reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self.items

    def put_nowait(self, item: Any) -> None:
        if self.items is None:
            self.items = deque()
        self.items.append(item)
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)

    async def get(self) -> Any:
        while not self.items:
            self.items = None
            self.reader = self.loop.create_future()
            try:
                await self.reader
            finally:
                self.reader = None
        return self.items.popleft()


class Gate:
    """An event that few wait for."""

    __slots__ = ("loop", "opened", "waiter")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.opened = True
        self.waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self.opened

    def clear(self) -> None:
        self.opened = False

    def set(self) -> None:
        self.opened = True
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)
        self.waiter = None

    async def wait(self) -> None:
        while not self.opened:
            if self.waiter is None:
                self.waiter = self.loop.create_future()
            await asyncio.shield(self.waiter)


class LeanWebSocket(WebSocketsSansIOProtocol):
    """What `core.server.serve` gives uvicorn for websockets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue: Any = Mailbox(self.loop)
        self.writable: Any = Gate(self.loop)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: Any = self.scope["extensions"]
            extensions[CUT] = self.transport.abort

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.send" and self.handshake_complete and "text" in message:
            await self.send_frame(message)
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = None  # type: ignore[assignment]  # not looked at any more
            self.scope.clear()  # type: ignore[attr-defined]  # the router has handed a copy on

    async def send_frame(self, message: Any) -> None:
        """A text frame; without extensions its bytes are the same for every socket."""
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        wire = message.get(WIRE)
        if wire is None:
            wire = message[WIRE] = encoded(message["text"])
        self.transport.write(wire)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # a close frame behind what it does not read would wait for ever


def encoded(text: str) -> bytes:
    """A whole, unmasked text frame (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
