"""Cuts off clients that send a request's head too slowly or without an end, or that do not read their answer."""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.server.handshake import plain_key
from core.server.replies import Outlet, Reply
from core.server.uvicorn_version import WRITTEN_FOR, minor
from core.server.whole_answers import write_whole

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
    # The request that is answered, or was the last to be.
    at_work: Any = None
    outlet: Outlet | None = None

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
        self.at_work = None
        # Threads may write until now: the transport closes the socket once this method has returned.
        if self.outlet is not None:
            self.outlet.close()

    def handle_websocket_upgrade(self) -> None:
        self.transport.set_write_buffer_limits()
        self.was_read()
        self.rests_no_more()
        # Of an answer that a thread made the loop may hear later, and a late one may not be written into the websocket.
        self.at_work = None
        if self.outlet is not None:
            self.outlet.close()
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
        rested_since, at_work = self.rests_since, self.at_work
        super().data_received(data)
        if rested_since is not None and not self.is_in_head and self.at_work is at_work:
            self.rests_since = rested_since  # empty lines begin no request
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
        """Starts the answer to a request: without a task, where the application begins it now and answers by a `Reply`."""
        self.at_work = cycle
        begin: Callable[[Any, Reply], bool] | None = getattr(app, "begin", None)
        if not (IS_KNOWN and begin and begin(cycle.scope, Reply(self, cycle))):
            self.start_task(cycle, app)

    def start_task(self, cycle: Any, app: Any) -> None:
        """Starts the answer to a request as uvicorn does."""
        super()._start_asgi_task(cycle, app)

    def ended(self, cycle: Any) -> None:
        """Does what is to be done on the event loop after an answer that was written by a thread."""
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        if self.at_work is cycle:
            cycle.on_response()
        else:  # the client has read the answer and sent its next request meanwhile
            self.server_state.total_requests += 1

    @property
    def way_out(self) -> Outlet | None:
        """The way out of this connection for threads; None where it has none."""
        if self.outlet is None and self.scheme == "http" and not self.transport.is_closing():
            self.outlet = Outlet(self.transport)
        return self.outlet

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
