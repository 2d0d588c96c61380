"""Answers the plain handshake of a websocket. The websocket library answers every other one, and refuses bad ones.

A storm of connects is mostly handshakes, and the library reads the head a second time, which uvicorn writes again for it.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Sequence
from typing import Any, Self
from urllib.parse import unquote

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from core.server.mailbox import Gate, Mailbox

Header = tuple[bytes, bytes]

CONNECTION = (b"upgrade", b"keep-alive, upgrade")
# Headers of a handshake that is not plain: a body, which none may have, and subprotocols.
UNUSUAL = (b"content-length", b"transfer-encoding", b"sec-websocket-protocol")
# The most of a plain handshake: bytes of its address, headers, and bytes of their values. The library has limits for more.
MOST_OF_URL, MOST_HEADERS, MOST_OF_VALUES = 2048, 64, 4096
KEY_CHARACTERS, KEY_BYTES = 24, 16
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "


def plain_key(method: str, http_version: str, url: bytes, headers: Sequence[Header]) -> str | None:
    """Returns the `Sec-WebSocket-Key` of a plain handshake, and None for one that the library has to look at.

    The names of `headers` are in lower case. A plain handshake is one that the library accepts (RFC 6455, 4.2.1).
    """
    given = dict(headers)
    values = b"\n".join((*given.values(), b""))
    if (
        method != "GET"
        or http_version != "1.1"
        or given.get(b"connection", b"").lower() not in CONNECTION
        or given.get(b"upgrade", b"").lower() != b"websocket"
        or given.get(b"sec-websocket-version") != b"13"
        or len(given) != len(headers)
        or not given.keys().isdisjoint(UNUSUAL)
        or len(url) > MOST_OF_URL
        or not url.isascii()
        or len(given) > MOST_HEADERS
        or len(values) > MOST_OF_VALUES
        or b" \n" in values  # the library strips that, and the HTTP parser does not
        or b"\t\n" in values
    ):
        return None
    return checked_key(given.get(b"sec-websocket-key", b""))


def checked_key(key: bytes) -> str | None:
    """Returns the key as text, and None for one that is not 16 bytes in base64."""
    try:
        good = len(key) == KEY_CHARACTERS and len(binascii.a2b_base64(key, strict_mode=True)) == KEY_BYTES
    except binascii.Error:
        good = False
    return key.decode() if good else None


def answer(key: str, headers: Iterable[Header]) -> bytes:
    """Returns the response that accepts a handshake, with further headers."""
    more = b"".join([b"%s: %s\r\n" % header for header in headers])
    return b"%s%s\r\n%s\r\n" % (SWITCHING, accept_key(key).encode(), more)


class Handshake(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol, which also takes a plain handshake over from the HTTP protocol that has read it."""

    # The key of a plain handshake that has no answer yet.
    key: str | None = None
    # The library's state machine; `core.server.websocket_protocol` says when there is one.
    machine: Any = None
    # What uvicorn's constructor sets, as far as it is the same for every connection.
    handshake_initiated = handshake_complete = close_sent = disconnected = read_paused = False
    close_timer = initial_response = ping_timer = pong_timer = None
    pending_ping_payload: bytes | None = None
    close_timeout = 10.0
    ping_sent_at = last_ping_rtt = 0.0
    curr_msg_data_type = "bytes"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_parts()

    def own_parts(self) -> None:
        """Sets smaller parts in place of asyncio's."""
        self.queue: Any = Mailbox(self.loop, self.read_on)
        self.writable: Any = Gate(self.loop)

    @classmethod
    def from_http(cls, http: Any, key: str) -> Self:
        """Returns the protocol of a connection whose plain handshake `http` has read; its application runs already."""
        self = cls.__new__(cls)
        config, state = http.config, http.server_state
        self.config, self.loop, self.logger, self.app = config, http.loop, http.logger, http.app
        self.connections, self.tasks, self.default_headers = http.connections, http.tasks, state.default_headers
        self.ping_interval, self.ping_timeout = config.ws_ping_interval, config.ws_ping_timeout
        self.own_parts()
        self.transport, self.key, self.handshake_initiated = http.transport, key, True
        self.scope = scope_of(http)
        self.connections.add(self)
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        return self

    def new_machine(self) -> ServerProtocol:
        """Returns a state machine that can refuse a plain handshake."""
        return ServerProtocol(max_size=self.config.ws_max_size, logger=self.logger)

    def accept(self, message: Any) -> None:
        """Accepts a plain handshake. Raises ClientDisconnected."""
        if self.key is None or self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        headers: list[Header] = [*self.default_headers, *message.get("headers", ())]
        if subprotocol := message.get("subprotocol"):
            headers.append((b"Sec-WebSocket-Protocol", subprotocol.encode()))
        self.write_soon(answer(self.key, headers))
        self.key, self.handshake_complete = None, True
        self.start_keepalive()

    def write_soon(self, data: bytes) -> None:
        """Writes the answer together with the first frame, where that follows within a moment."""
        raise NotImplementedError

    def read_on(self) -> None:
        """Goes on reading, when the application has taken everything."""
        raise NotImplementedError


def scope_of(http: Any) -> Any:
    """Returns the scope of a websocket, as uvicorn makes it, from what its HTTP protocol has read."""
    path, _, query = http.url.partition(b"?")
    return {
        "type": "websocket",
        "asgi": {"version": http.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if http.scheme == "https" else "ws",
        "server": http.server,
        "client": http.client,
        "root_path": http.root_path,
        "path": http.root_path + unquote(path.decode()),
        "raw_path": http.root_path.encode() + path,
        "query_string": query,
        "headers": http.headers,
        "subprotocols": [],
        "state": http.app_state.copy(),
        "extensions": {"websocket.http.response": {}, **http.scope["extensions"]},
    }
