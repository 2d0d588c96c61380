"""A plain handshake gets the answer that the websocket library would give, and every other one goes to the library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Opcode

from core.server import http_protocol, serve, websocket_protocol
from core.server.http_protocol import CUT, GONE, BoundedHttp
from tests.hub.test_reading import Wire, sent

KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="
DATE = b"Sat, 28 Nov 2026 00:00:00 GMT"
PLAIN = {
    "Host": "stay.example",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


def head(start: str = "GET /ws/ HTTP/1.1", more: str = "", **changed: str | None) -> bytes:
    """A handshake; `changed` replaces headers, or leaves them out where it is None."""
    given = PLAIN | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [start, *(f"{name}: {value}" for name, value in given.items() if value is not None)]
    return ("\r\n".join(lines) + "\r\n" + more + "\r\n").encode("latin-1")


class Door:
    """A connection of the server's from its first byte on, with an application that keeps what it is given."""

    def __init__(self, *, answers: tuple[Any, ...] = ({"type": "websocket.accept"},)) -> None:
        self.wire, self.answers, self.scope, self.got = Wire(), answers, dict[str, Any](), list[Any]()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        config: uvicorn.Config = serve.config()
        config.load_app = lambda: self.application  # type: ignore[assignment,return-value]
        config.load()
        config.loaded_app, config.interface = self.application, "asgi3"
        state = ServerState()
        state.default_headers = [(b"date", DATE)]
        self.protocol: Any = BoundedHttp(config, state, {}, asyncio.get_running_loop())
        self.wire.set_protocol = self.take_protocol  # type: ignore[method-assign]
        self.wire.set_write_buffer_limits = lambda high=None, low=None: None  # type: ignore[method-assign]
        self.protocol.connection_made(self.wire)

    def take_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    async def application(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        self.scope = dict(scope)
        assert await receive() == {"type": "websocket.connect"}
        await self.may_answer.wait()
        for answer in self.answers:
            await send(answer)
        while (message := await receive())["type"] != "websocket.disconnect":
            self.got.append(message["text"])

    async def feed(self, data: bytes) -> bytes:
        """Gives the server these bytes; returns what it wrote."""
        del self.wire.out[:]
        self.protocol.data_received(data)
        await self.settle()
        return bytes(self.wire.out)

    async def shake(self, data: bytes) -> bytes:
        """Gives the server a handshake; returns its answer, which otherwise waits for a first frame."""
        await self.feed(data)
        if self.is_plain:
            self.protocol.uncork()
        return bytes(self.wire.out)

    async def settle(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)

    def leave(self) -> None:
        """Ends the connection, unless the server never took it."""
        if self.protocol in self.protocol.connections:
            self.protocol.connection_lost(ConnectionResetError())

    @property
    def is_plain(self) -> bool:
        return not hasattr(self.protocol, "frames")


UNUSUAL = {
    "another method": head("POST /ws/ HTTP/1.1"),
    "HTTP 1.0": head("GET /ws/ HTTP/1.0"),
    "an old version": head(Sec_WebSocket_Version="8"),
    "no version": head(Sec_WebSocket_Version=None),
    "no key": head(Sec_WebSocket_Key=None),
    "a short key": head(Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2Q="),
    "no base64": head(Sec_WebSocket_Key="*DEyMzQ1Njc4OWFiY2RlZg=="),
    "base64 that ends early": head(Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2RlZ==="),
    "spaces after a value": head(Cookie="a=1 "),
    "a tab after a value": head(Cookie="a=1\t"),
    "two keys": head(more=f"Sec-WebSocket-Key: {KEY}\r\n"),
    "two versions": head(more="Sec-WebSocket-Version: 13\r\n"),
    "two origins": head(more="Origin: http://a\r\nOrigin: http://b\r\n"),
    "two cookies": head(more="Cookie: a=1\r\nCookie: b=2\r\n"),
    "a body": head(more="Content-Length: 1\r\n"),
    "no body, said so": head(more="Content-Length: 0\r\n"),
    "chunks": head(more="Transfer-Encoding: chunked\r\n"),
    "subprotocols": head(more="Sec-WebSocket-Protocol: a, b\r\n"),
    "a longer Connection": head(Connection="Upgrade, keep-alive"),
    "a long address": head(f"GET /ws/?{'x' * 3000} HTTP/1.1"),
    "an address too long for the library": head(f"GET /ws/?{'x' * 9000} HTTP/1.1"),
    "a long value": head(Cookie="x" * 5000),
    "a value too long for the library": head(Cookie="x" * 9000),
    "many headers": head(more="".join(f"X-{n}: {n}\r\n" for n in range(140))),
}
USUAL = {
    "as the load generator": head(Authorization="Token abc"),
    "as Firefox": head(Connection="keep-alive, Upgrade", Origin="http://stay.example", Cookie="sessionid=a; b=c"),
    "as Chromium": head(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits", Pragma="no-cache"),
    "in capitals": head(Upgrade="WebSocket", Connection="UPGRADE"),
    "with a ticket": head("GET /ws/?ticket=a%20b+c&x=%C3%A9 HTTP/1.1"),
    "another path": head("GET /w%C3%A9s/%2F HTTP/1.1"),
    "with foreign letters": head(Cookie="name=\xe9\xff"),
    "with spaces before": head(Cookie=" \t a=1"),
    "a key with another's last bits": head(Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2RlZh=="),
    "with nothing": head(Cookie=""),
    "foul extensions": head(Sec_WebSocket_Extensions="!!"),
}


@pytest.fixture
def by_library(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    return lambda: monkeypatch.setattr(http_protocol, "plain_key", lambda *given: None)


@pytest.mark.parametrize("given", USUAL.values(), ids=USUAL.keys())
async def test_a_plain_handshake_is_answered_as_by_the_library(given: bytes, by_library: Callable[[], Any]) -> None:
    ours = Door()
    answered = await ours.shake(given)
    assert ours.is_plain
    by_library()
    theirs = Door()
    assert answered == await theirs.feed(given)
    assert not theirs.is_plain
    assert answered.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert {GONE, CUT} <= ours.scope["extensions"].keys()
    for scope in (ours.scope, theirs.scope):
        del scope["extensions"]
    assert ours.scope == theirs.scope
    for door in (ours, theirs):
        assert await door.feed(sent(Opcode.TEXT, "hello")) == b""
        assert door.got == ["hello"]
        door.leave()


@pytest.mark.parametrize("given", UNUSUAL.values(), ids=UNUSUAL.keys())
async def test_any_other_handshake_goes_to_the_library(given: bytes, by_library: Callable[[], Any]) -> None:
    ours = Door()
    answered = await ours.feed(given)
    assert not ours.is_plain
    by_library()
    theirs = Door()
    assert without_date(answered) == without_date(await theirs.feed(given))
    ours.leave(), theirs.leave()


def without_date(answered: bytes) -> list[bytes]:
    return [line for line in answered.split(b"\r\n") if not line.lower().startswith(b"date:")]


REFUSALS: dict[str, tuple[Any, ...]] = {
    "closed before it was accepted": ({"type": "websocket.close"},),
    "answered as HTTP": (
        {"type": "websocket.http.response.start", "status": 404, "headers": [(b"x-a", b"b")]},
        {"type": "websocket.http.response.body", "body": b"none"},
    ),
    "accepted with more": ({"type": "websocket.accept", "subprotocol": "a", "headers": [(b"x-a", b"b")]},),
    "nothing is said": (),
}


@pytest.mark.parametrize("answers", REFUSALS.values(), ids=REFUSALS.keys())
async def test_other_answers_are_the_librarys_too(answers: tuple[Any, ...], by_library: Callable[[], Any]) -> None:
    ours = Door(answers=answers)
    answered = await ours.shake(head())
    by_library()
    theirs = Door(answers=answers)
    assert sorted(without_date(answered.lower())) == sorted(without_date((await theirs.feed(head())).lower()))
    assert ours.wire.closed == theirs.wire.closed
    for door in (ours, theirs):
        door.leave()
        await door.settle()


async def test_the_answer_shares_a_write_with_the_first_frame() -> None:
    welcome = {"type": "websocket.send", "text": "welcome"}
    door = Door(answers=({"type": "websocket.accept"}, welcome))
    answered = await door.feed(head())
    assert answered.endswith(b"\r\n\r\n\x81\x07welcome")
    assert door.wire.writes == 1
    door.leave()


async def test_the_answer_does_not_wait_long_for_a_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_protocol, "ANSWER_S", 0.01)
    door = Door()
    assert await door.feed(head()) == b""
    assert door.got == []
    async with asyncio.timeout(5):
        await door.wire.wrote.wait()
    assert door.wire.out.startswith(b"HTTP/1.1 101 ")
    door.leave()


async def test_a_close_goes_out_with_the_answer() -> None:
    door = Door(answers=({"type": "websocket.accept"}, {"type": "websocket.close", "code": 4401, "reason": "sign in"}))
    answered = await door.feed(head())
    assert answered.startswith(b"HTTP/1.1 101 ")
    assert answered.endswith(b"\r\n\r\n\x88\x09\x11\x31sign in")
    door.leave()


async def test_what_comes_before_the_answer_waits_and_is_bounded() -> None:
    door = Door()
    door.may_answer.clear()
    assert await door.feed(head()) == b""
    for text in "abc":
        assert await door.feed(sent(Opcode.TEXT, text)) == b""
        assert not door.wire.reading
    door.may_answer.set()
    await door.settle()
    assert (door.got, door.wire.reading) == (["a", "b", "c"], True)
    door.leave()


async def test_a_client_that_left_before_the_answer_gets_none() -> None:
    door = Door()
    door.may_answer.clear()
    await door.feed(head())
    door.leave()
    door.may_answer.set()
    await door.settle()
    assert not door.wire.out
    assert not door.protocol.connections | door.protocol.tasks
