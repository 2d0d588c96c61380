"""Frames that are read past the websocket library come to the application as the library would hand them over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame, Opcode

from core.server import serve
from core.server.frame_bytes import UNKNOWN, frame_end
from core.server.websocket_protocol import AHEAD, LARGE, LeanWebSocket

HEAD = (
    b"GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


class Wire(asyncio.Transport):
    """The other side of a connection: what was written to it, and whether it is read from."""

    def __init__(self) -> None:
        super().__init__({})
        self.out, self.closed, self.reading = bytearray(), False, True
        self.writes, self.wrote = 0, asyncio.Event()

    def write(self, data: Any) -> None:
        self.out += data
        self.writes += 1
        self.wrote.set()

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Line:
    """A socket of the server's, whose application keeps what it is given, as fast as it is let."""

    def __init__(self) -> None:
        self.wire, self.got = Wire(), list[Any]()
        self.may_read = asyncio.Event()
        self.may_read.set()
        config: uvicorn.Config = serve.config()
        config.loaded_app, config.loaded, config.interface = self.application, True, "asgi3"
        self.socket = LeanWebSocket(config, ServerState(), {}, asyncio.get_running_loop())
        self.socket.connection_made(self.wire)

    async def application(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await self.may_read.wait()
            message = await receive()
            self.got.append(message.get("text", message.get("bytes", message.get("code"))))
            if message["type"] == "websocket.disconnect":
                return

    async def open(self, early: bytes = b"") -> Line:
        self.socket.data_received(HEAD)
        if early:
            self.socket.data_received(early)
        await self.settle()
        del self.wire.out[:]
        return self

    async def feed(self, *parts: bytes) -> Line:
        for part in parts:
            self.socket.data_received(part)
            await self.settle()
        return self

    async def settle(self) -> None:
        for _ in range(4 * AHEAD):
            await asyncio.sleep(0)


def sent(kind: Opcode, payload: str | bytes, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    data = payload.encode() if isinstance(payload, str) else payload
    return Frame(kind, data, fin).serialize(mask=True)


TEXTS = ["{}", "ঢাকা", "", "x" * 125, "x" * 126, "y" * 70_000]
MIXED = [
    (sent(Opcode.TEXT, "one"), "one"),
    (sent(Opcode.PING, b"p"), None),
    (sent(Opcode.TEXT, "in ", False) + sent(Opcode.PING, b"q") + sent(Opcode.CONT, "two", True), "in two"),
    (sent(Opcode.PONG, b"unasked"), None),
    (sent(Opcode.BINARY, b"\x00\x01"), b"\x00\x01"),
    (sent(Opcode.TEXT, "last"), "last"),
]
STREAM, MESSAGES = b"".join(frame for frame, _ in MIXED), [message for _, message in MIXED if message is not None]


@pytest.mark.parametrize("text", TEXTS, ids=[str(len(text)) for text in TEXTS])
async def test_a_text_comes_as_it_was_sent(text: str) -> None:
    line = await (await Line().open()).feed(sent(Opcode.TEXT, text))
    assert line.got == [text]
    assert line.socket.machine is None
    assert line.wire.reading


@pytest.mark.parametrize("cut", range(0, len(STREAM), 3))
async def test_frames_may_be_cut_anywhere(cut: int) -> None:
    line = await (await Line().open()).feed(STREAM[:cut], STREAM[cut:])
    assert line.got == MESSAGES
    assert bytes(line.wire.out) == b"\x8a\x01p\x8a\x01q"
    assert (line.socket.machine, line.socket.rest) == (None, None)


async def test_frames_may_come_byte_by_byte() -> None:
    line = await (await Line().open()).feed(*(STREAM[at : at + 1] for at in range(len(STREAM))))
    assert line.got == MESSAGES


async def test_what_comes_before_the_answer_to_the_handshake_is_not_lost() -> None:
    line = await (await Line().open(STREAM[:5])).feed(STREAM[5:9], STREAM[9:])
    assert line.got == MESSAGES


FOUL = {
    "not masked": (Frame(Opcode.TEXT, b"x").serialize(mask=False), CloseCode.PROTOCOL_ERROR),
    "no UTF-8": (sent(Opcode.TEXT, b"\xff"), CloseCode.INVALID_DATA),
    "too large": (b"\x81\xff" + (2 << 20).to_bytes(8, "big"), CloseCode.MESSAGE_TOO_BIG),
    "a part of nothing": (sent(Opcode.CONT, "x"), CloseCode.PROTOCOL_ERROR),
    "a text inside another": (sent(Opcode.TEXT, "x", False) + sent(Opcode.TEXT, "y"), CloseCode.PROTOCOL_ERROR),
    "a long ping": (b"\x89\xfe\x00\x7e" + bytes(4 + 126), CloseCode.PROTOCOL_ERROR),
    "a long pong": (b"\x8a\xfe\x00\x7e" + bytes(4 + 126), CloseCode.PROTOCOL_ERROR),
    "a reserved bit": (b"\xc1" + sent(Opcode.TEXT, "x")[1:], CloseCode.PROTOCOL_ERROR),
    "a reserved kind": (b"\x83" + sent(Opcode.TEXT, "x")[1:], CloseCode.PROTOCOL_ERROR),
}


@pytest.mark.parametrize(("frame", "code"), FOUL.values(), ids=FOUL.keys())
async def test_a_foul_frame_ends_the_connection(frame: bytes, code: int) -> None:
    line = await (await Line().open()).feed(sent(Opcode.TEXT, "before") + frame, sent(Opcode.TEXT, "after"))
    assert line.got == ["before", code]
    assert bytes(line.wire.out[:1]) == b"\x88"
    assert int.from_bytes(line.wire.out[2:4], "big") == code
    assert line.wire.closed


async def test_a_close_is_answered() -> None:
    line = await (await Line().open()).feed(sent(Opcode.TEXT, "x") + sent(Opcode.CLOSE, b"\x03\xe8") + b"whatever")
    assert line.got == ["x", 1000]
    assert line.wire.closed


async def test_a_flood_is_read_no_further_than_the_application_takes_it() -> None:
    line = await Line().open()
    line.may_read.clear()
    flood = [str(number) for number in range(5 * AHEAD)]
    await line.feed(b"".join(sent(Opcode.TEXT, text) for text in ["first", *flood]))
    assert not line.wire.reading
    assert len(line.socket.queue) <= AHEAD
    line.may_read.set()
    for _ in range(10):
        await line.settle()
    assert line.got == ["first", *flood]
    assert (line.wire.reading, line.socket.rest) == (True, None)


async def test_a_large_message_is_waited_for() -> None:
    line = await Line().open()
    line.may_read.clear()
    await line.feed(sent(Opcode.TEXT, "first"), sent(Opcode.TEXT, "x" * (LARGE + 1)))
    assert not line.wire.reading
    line.may_read.set()
    await line.settle()
    assert line.wire.reading


async def test_what_waited_is_read_when_the_application_closes() -> None:
    """A client that says goodbye behind its flood is answered at once."""
    line = await Line().open()
    line.may_read.clear()
    await line.feed(b"".join(sent(Opcode.TEXT, "x") for _ in range(2 * AHEAD)) + sent(Opcode.CLOSE, b"\x03\xe8"))
    assert line.socket.rest
    await line.socket.send({"type": "websocket.close", "code": 4429})
    assert line.wire.closed


@pytest.mark.parametrize(
    ("data", "extent"),
    [
        (b"", (2, UNKNOWN)),
        (b"\x81", (2, UNKNOWN)),
        (b"\x81\x00", (0, UNKNOWN)),
        (b"\x81\x80", (2, 6)),
        (b"\x81\xfd", (2, 131)),
        (b"\x81\xfe\x01", (4, UNKNOWN)),
        (b"\x81\xfe\x01\x00", (4, 264)),
        (b"\x81\xff" + bytes(7), (10, UNKNOWN)),
        (b"\x81\xff" + (65_536).to_bytes(8, "big"), (10, 65_550)),
    ],
)
def test_where_a_frame_ends(data: bytes, extent: tuple[int, int]) -> None:
    assert frame_end(data, 0) == extent
    start, end = frame_end(b"xyz" + data, 3)
    assert (start and start - 3, end if end == UNKNOWN else end - 3) == extent
