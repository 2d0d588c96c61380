"""Pings all sockets of an event loop with one timer. A turn of the wheel takes as long as the pause between two pings.

uvicorn has a timer for each ping and one for each pong. They take some 0.5 KB of each idle socket, and most of the work of
an idle server.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Protocol
from weakref import WeakKeyDictionary

# The number of groups of sockets that a turn visits, one after the other.
PARTS = 20


class Pinged(Protocol):
    """A socket, as the wheel knows it."""

    part: int

    def ping(self, payload: bytes) -> None:
        """Sends a ping, or ends the socket where it has not answered the last one."""


class Wheel:
    """The sockets of one event loop that are pinged every `seconds`. Each has the same time to answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self.loop, self.pause = loop, seconds / PARTS
        self.parts: list[set[Pinged]] = [set() for _ in range(PARTS)]
        self.at = 0
        self.count = 0
        self.timer: asyncio.TimerHandle | None = None

    def add(self, socket: Pinged) -> None:
        """Adds a socket. Its first ping comes after a whole turn, or up to one part of a turn earlier."""
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
    """Returns the loop's wheel for pings every `seconds`."""
    wheels = _wheels.setdefault(loop, {})
    if seconds not in wheels:
        wheels[seconds] = Wheel(loop, seconds)
    return wheels[seconds]
