"""Pings for all sockets of a loop by one timer: a turn takes as long as the pause between two pings.

uvicorn has a timer for each ping and one for each pong: some 0.5 KB of an idle socket, and most of the work of an idle server.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Protocol
from weakref import WeakKeyDictionary

# A turn visits this many groups of sockets, one after the other.
PARTS = 20


class Pinged(Protocol):
    """A socket, as the wheel knows it."""

    part: int

    def ping(self, payload: bytes) -> None:
        """Sends a ping; a socket that has not answered the last one ends instead."""


class Wheel:
    """The sockets of one loop that are pinged every `seconds`; each has as long for its answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self.loop, self.pause = loop, seconds / PARTS
        self.parts: list[set[Pinged]] = [set() for _ in range(PARTS)]
        self.at = 0
        self.count = 0
        self.timer: asyncio.TimerHandle | None = None

    def add(self, socket: Pinged) -> None:
        """Adds a socket; its first ping comes after a whole turn, or up to one part of it earlier."""
        socket.part = self.at
        self.parts[self.at].add(socket)
        self.count += 1
        if self.timer is None:
            self.timer = self.loop.call_later(self.pause, self.turn)

    def remove(self, socket: Pinged) -> None:
        """Removes a socket; does nothing where it is not there."""
        part = self.parts[socket.part]
        if socket in part:
            part.remove(socket)
            self.count -= 1

    def turn(self) -> None:
        """Pings the next part of the sockets."""
        self.timer = self.loop.call_later(self.pause, self.turn) if self.count else None
        self.at = (self.at + 1) % PARTS
        payload = secrets.token_bytes(4)
        for socket in tuple(self.parts[self.at]):
            socket.ping(payload)


_wheels: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float, Wheel]] = WeakKeyDictionary()


def wheel(loop: asyncio.AbstractEventLoop, seconds: float) -> Wheel:
    """The loop's wheel for that pause."""
    wheels = _wheels.setdefault(loop, {})
    if seconds not in wheels:
        wheels[seconds] = Wheel(loop, seconds)
    return wheels[seconds]
