"""Cuts off clients that send a request's head too slowly or without an end, or that do not read their answer."""

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any, TypeGuard

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.server.handshake import plain_key
from core.server.uvicorn_version import WRITTEN_FOR, minor

HEAD_S = 15
HEAD_BYTES = 64 * 1024
# Seconds after which a client is cut off that reads nothing of a waiting answer.
UNREAD_S = 30
# Key in the scope's extensions of a function that ends the connection at once, even if data still waits to be sent.
CUT = "hub.cut"
# There too: whether the client has gone. Asking costs nothing, where waiting for `http.disconnect` takes a task a request.
GONE = "hub.gone"
# There too: a function that writes a small answer at once; see `write_whole`.
WHOLE = "hub.whole"
# Status, headers, and the body or a file.
Answer = tuple[int, list[tuple[bytes, bytes]], Any]
# What an application calls with its answer, or None, and with an application that does the rest where that is not enough.
Done = Callable[[Answer | None, Any], None]
PART_BYTES = 64 * 1024
BODILESS = (204, 304)
# What no name and no value of a header may hold.
NOT_IN_NAMES, NOT_IN_VALUES = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]"), re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Whether the private parts of uvicorn are as they were when this was written; otherwise its own slower ways are taken.
IS_KNOWN = minor(uvicorn.__version__) == WRITTEN_FOR
# Seconds. A timer may ring so much early, since loops round their time.
ROUNDING_S = 0.002


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's own protocol, with limits: time and size for the head of each request, time for reading its answer."""

    is_in_head = False
    head_timer: asyncio.TimerHandle | None = None
    head_bytes = 0
    unread_timer: asyncio.TimerHandle | None = None
    # Since when the connection waits for its next request; None while one is read or answered.
    rests_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # Any waiting byte pauses the sender, so that a file is read part by part, as fast as the client takes it.
        transport.set_write_buffer_limits(high=0)
        self.expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.head_arrived()
        self.was_read()
        super().connection_lost(exc)
        self.rests_no_more()

    def handle_websocket_upgrade(self) -> None:
        self.transport.set_write_buffer_limits()
        self.was_read()
        self.rests_no_more()
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
        # Most heads come whole, and need no timer.
        if self.is_in_head and self.head_timer is None:
            self.expect_head()
        if self.head_timer is not None and self.head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {CUT: self.transport.abort, GONE: self.transport.is_closing}
        self.is_in_head = True

    def on_headers_complete(self) -> None:
        self.head_arrived()
        super().on_headers_complete()
        # A request that becomes a websocket has no cycle; its scope must not refer to this protocol, which it outlives.
        if IS_KNOWN and self.cycle is not None and self.cycle.scope is self.scope:
            extensions: Any = self.scope["extensions"]
            extensions[WHOLE] = self.write_whole

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Starts the answer to a request: without a task, where the application begins it now and calls back."""
        begin: Callable[[Any, Done], bool] | None = getattr(app, "begin", None)
        if not (IS_KNOWN and begin and begin(cycle.scope, partial(self.finish, cycle))):
            super()._start_asgi_task(cycle, app)

    def finish(self, cycle: Any, answer: Answer | None, otherwise: Any) -> None:
        """Sends the answer to a request that the application began: by itself where that is simple, else by a task."""
        if answer is not None and is_small(answer[2]) and write_whole(cycle, *answer):
            # As uvicorn's task does at its end, since the two refer to each other.
            cycle.on_response = nothing
        else:
            super()._start_asgi_task(cycle, otherwise)

    def write_whole(self, scope: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Calls the function of this name for the request of `scope`. False also where the client has sent others after it."""
        return self.cycle is not None and self.cycle.scope is scope and write_whole(self.cycle, status, headers, body)

    def expect_head(self) -> None:
        if self.head_timer is None:
            self.head_bytes = 0
            self.head_timer = self.loop.call_later(HEAD_S, self.transport.close)

    def head_arrived(self) -> None:
        self.is_in_head = False
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    # -- connections between two requests ------------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """Does what uvicorn's method does, but leaves the timer for the next request running, where one runs."""
        if not IS_KNOWN:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.rest()

    def rest(self) -> None:
        """Begins the time within which the next request has to come."""
        self.rests_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _unset_keepalive_if_required(self) -> None:
        # Stopping a timer and starting another costs as much as reading a request, so the timer only looks when it rings.
        self.rests_since = None
        if not IS_KNOWN:
            super()._unset_keepalive_if_required()

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        left = 0.0 if self.rests_since is None else self.rests_since + self.timeout_keep_alive - self.loop.time()
        if left > ROUNDING_S:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        elif self.rests_since is not None or not IS_KNOWN:
            super().timeout_keep_alive_handler()

    def rests_no_more(self) -> None:
        """Stops the timer for the next request."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

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


def nothing() -> None:
    """What is to be done after an answer that has ended."""


def is_small(body: object) -> TypeGuard[bytes]:
    """Whether a body is sent in one part."""
    return isinstance(body, bytes) and len(body) <= PART_BYTES


def write_whole(cycle: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
    """Sends an answer in one write, where uvicorn writes its head and its body each by itself, so that both server and client
    wake up twice. `cycle` is uvicorn's RequestResponseCycle.

    Returns False where nothing was written, and the answer is to be sent in parts.
    """
    named = [(name.lower(), value) for name, value in (*cycle.default_headers, *headers)]
    lengths = [value for name, value in named if name == b"content-length"]
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or cycle.access_log:
        return False
    if lengths != [b"%d" % len(body)] or status in BODILESS or cycle.scope["method"] == "HEAD":
        return False
    names = b"".join(name for name, _ in named)
    if b"connection" in names or b"transfer-encoding" in names or NOT_IN_NAMES.search(names):
        return False
    if NOT_IN_VALUES.search(b"".join(value for _, value in named)):
        return False
    fields = b"".join(b"%b: %b\r\n" % (name, value) for name, value in named)
    closing = b"" if cycle.keep_alive else b"connection: close\r\n"
    cycle.transport.write(b"%b%b%b\r\n%b" % (status_line(status), fields, closing, body))
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


@lru_cache(maxsize=128)
def status_line(status: int) -> bytes:
    """The first line of an answer."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()
