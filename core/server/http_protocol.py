"""Cuts off clients that send a request's head too slowly or without an end, or that do not read their answer."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.server.handshake import plain_key

HEAD_S = 15
HEAD_BYTES = 64 * 1024
# Seconds after which a client is cut off that reads nothing of a waiting answer.
UNREAD_S = 30
# Key in the scope's extensions of a function that ends the connection at once, even if data still waits to be sent.
CUT = "hub.cut"
# There too: whether the client has gone. Asking costs nothing, where waiting for `http.disconnect` takes a task a request.
GONE = "hub.gone"


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's own protocol, with limits: time and size for the head of each request, time for reading its answer."""

    head_timer: asyncio.TimerHandle | None = None
    head_bytes = 0
    unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # Any waiting byte pauses the sender, so that a file is read part by part, as fast as the client takes it.
        transport.set_write_buffer_limits(high=0)
        self.expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.head_arrived()
        self.was_read()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self.transport.set_write_buffer_limits()
        self.was_read()
        from_http: Any = getattr(self.ws_protocol_class, "from_http", None)
        scope: Any = self.scope
        key = from_http and plain_key(scope["method"], scope["http_version"], self.url, self.headers)
        if key:
            self.connections.discard(self)
            self.transport.set_protocol(from_http(self, key))
        else:
            super().handle_websocket_upgrade()
        # The parser and this protocol refer to each other, and nothing needs them any more.
        self.parser: Any = None

    def data_received(self, data: bytes) -> None:
        if self.head_timer is not None:
            self.head_bytes += len(data)
        super().data_received(data)
        if self.head_timer is not None and self.head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {CUT: self.transport.abort, GONE: self.transport.is_closing}
        self.expect_head()

    def on_headers_complete(self) -> None:
        self.head_arrived()
        super().on_headers_complete()

    def expect_head(self) -> None:
        if self.head_timer is None:
            self.head_bytes = 0
            self.head_timer = self.loop.call_later(HEAD_S, self.transport.close)

    def head_arrived(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    # -- readers that do not read ----------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        self.expect_reading()

    def resume_writing(self) -> None:
        self.was_read()
        super().resume_writing()

    def expect_reading(self) -> None:
        if self.unread_timer is None:
            waiting = self.transport.get_write_buffer_size()
            self.unread_timer = self.loop.call_later(UNREAD_S, self.look_whether_read, waiting)

    def look_whether_read(self, waited: int) -> None:
        self.unread_timer = None
        if self.transport.get_write_buffer_size() >= waited:
            self.transport.abort()
        else:
            self.expect_reading()

    def was_read(self) -> None:
        if self.unread_timer is not None:
            self.unread_timer.cancel()
            self.unread_timer = None
