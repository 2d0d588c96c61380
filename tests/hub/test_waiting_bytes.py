"""What waits for readers that do not read is bounded for all of a process's sockets together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.live import socket
from core.live.socket import FLOOD, IN_SERVER, TOO_SLOW, Socket, waiting

KB = 1024


class Reader:
    """A server that has taken all it can for a client, until the client reads."""

    def __init__(self) -> None:
        self.reads, self.got, self.was_cut = asyncio.Event(), list[Any](), False
        self.socket = Socket(self.send)
        self.socket.cut = self.cut

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.got.append(message.get("code", message.get("text")))

    def cut(self) -> None:
        self.was_cut = True

    def push(self, kilobytes: int) -> None:
        for _ in range(kilobytes):
            self.socket.push_text("x" * KB)


@pytest.fixture(autouse=True)
def most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for three that stall, and 300 KB behind them."""
    assert not waiting.sockets
    monkeypatch.setattr(socket, "MAX_WAITING", 3 * IN_SERVER + 300 * KB)


async def settle() -> None:
    for _ in range(2000):
        await asyncio.sleep(0)


async def test_the_reader_with_most_is_let_go_and_the_others_lose_nothing() -> None:
    few, many, some = Reader(), Reader(), Reader()
    few.push(50), many.push(160), some.push(90)
    assert not any(one.socket.closing for one in (few, many, some))
    few.push(10)
    assert [one.socket.closing for one in (few, many, some)] == [0, TOO_SLOW, 0]
    assert waiting.size < 3 * IN_SERVER + 160 * KB
    for one in (few, many, some):
        one.reads.set()
    await settle()
    assert [len(one.got) for one in (few, some)] == [60, 90]
    assert many.got == ["x" * KB, TOO_SLOW]
    assert (waiting.size, waiting.sockets) == (0, {})


async def test_one_that_is_about_to_end_anyway_is_cut() -> None:
    ending, other = Reader(), Reader()
    ending.push(200)
    ending.socket.close(FLOOD)
    other.push(190)
    await settle()
    assert (ending.was_cut, ending.got) == (True, [])
    assert other.socket.closing == 0
    other.socket.end()
    await settle()
    assert (waiting.size, waiting.sockets) == (0, {})


async def test_who_ends_before_anything_was_written_leaves_nothing_behind() -> None:
    reader = Reader()
    reader.push(1)
    reader.socket.end()
    await settle()
    assert (waiting.size, waiting.sockets, reader.socket.writer) == (0, {}, None)


async def test_one_reader_has_a_bound_of_its_own() -> None:
    reader = Reader()
    socket.MAX_WAITING = 64 << 20
    reader.push(1 + (socket.MAX_BACKLOG >> 10))
    assert reader.socket.closing == 0
    reader.push(1)
    assert reader.socket.closing == TOO_SLOW
    reader.socket.end()
    await settle()
    assert waiting.size == 0
