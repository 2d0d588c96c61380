"""A signed-in socket for load generators. It uses little CPU, so that the figures are the server's."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

import orjson
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

READY_S = 30
clock = time.perf_counter


class Refused(Exception):
    """The reply was a refusal, or the socket closed."""


class Client(WSListener):
    """A socket. `call` sends a command and waits for its reply; `entry` waits for an entry of a negotiation's log."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[dict[str, Any]] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.prefix = secrets.token_hex(6)
        self.sent = 0
        self.replies: dict[str, asyncio.Future[Any]] = {}
        self.awaited: dict[tuple[int, int], asyncio.Future[tuple[float, dict[str, Any]]]] = {}
        self.early: dict[tuple[int, int], tuple[float, dict[str, Any]]] = {}
        self.last: dict[int, int] = {}
        self.gaps = 0

    def call(self, type: str, **fields: Any) -> asyncio.Future[Any]:
        """Sends a command. Returns a future of the reply's `data`, which raises Refused with the code of a refusal."""
        self.sent += 1
        id = f"{self.prefix}-{self.sent}"
        future = self.replies[id] = asyncio.get_running_loop().create_future()
        self.transport.send(WSMsgType.TEXT, orjson.dumps({"id": id, "type": type, **fields}))
        return future

    def entry(self, negotiation: int, seq: int) -> asyncio.Future[tuple[float, dict[str, Any]]]:
        """Returns a future of (when it came, the entry) for the entry with that `seq`."""
        future = asyncio.get_running_loop().create_future()
        if (negotiation, seq) in self.early:
            future.set_result(self.early.pop((negotiation, seq)))
        else:
            self.awaited[negotiation, seq] = future
        return future

    def knows(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        """Records that the entries up to the snapshot's last are known; returns the snapshot."""
        id = snapshot["id"]
        self.last[id] = max(self.last.get(id, 0), snapshot["last_seq"])
        return snapshot

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
        for future in (self.ready, *self.replies.values(), *self.awaited.values()):
            if not future.done():
                future.set_exception(Refused("closed"))
                future.exception()  # marks it as read, since no caller may be left that reads it

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        message = orjson.loads(frame.get_payload_as_memoryview())
        handle = {"reply": self._reply, "entry": self._entry, "welcome": self._welcome}.get(message["type"])
        if handle is not None:
            handle(message)

    def _welcome(self, message: dict[str, Any]) -> None:
        if not self.ready.done():
            self.ready.set_result(message)

    def _reply(self, message: dict[str, Any]) -> None:
        future = self.replies.pop(message["id"], None)
        if future is None or future.done():
            return
        if message["ok"]:
            future.set_result(message["data"])
        else:
            future.set_exception(Refused(message["error"]["code"]))

    def _entry(self, message: dict[str, Any]) -> None:
        id, seq = message["negotiation"], message["seq"]
        last = self.last.get(id, 0)
        if seq <= last:
            return
        self.gaps += seq != last + 1
        self.last[id] = seq
        future = self.awaited.pop((id, seq), None)
        if future is None:
            self.early[id, seq] = clock(), message
        elif not future.done():
            future.set_result((clock(), message))

    def close(self) -> None:
        """Closes the socket."""
        self.transport.disconnect()


async def connect(url: str, token: str) -> Client:
    """Opens a socket and waits for the welcome. Raises Refused or TimeoutError."""
    _, client = await ws_connect(Client, url, extra_headers={"Authorization": f"Token {token}"})
    await asyncio.wait_for(client.ready, READY_S)
    return client
