"""What the scenarios share: pairs of people, their prices, and the steps of a negotiation between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from bench.client import Client, connect

T = TypeVar("T")
AT_ONCE = 16


@dataclass(frozen=True)
class Pair:
    """A guest, and a host with a home of their own."""

    guest_token: str
    host_token: str
    property: int
    nightly: Decimal
    # The keys of the machines that act for the two.
    guest_key: str = ""
    host_key: str = ""

    def bid(self, i: int) -> str:
        """Returns the guest's i-th bid for three nights, which rises from half the list price."""
        return str((self.nightly * 3 * (500 + 10 * i) / 1000).quantize(Decimal("0.01")))

    def ask(self, i: int) -> str:
        """Returns the host's i-th ask, which falls from 99 per cent of the list price."""
        return str((self.nightly * 3 * (990 - 10 * i) / 1000).quantize(Decimal("0.01")))


@dataclass
class Stage:
    """The sockets of one run, and the processes to measure."""

    urls: list[str]
    pairs: list[Pair]
    watch: dict[str, int]
    clients: list[Client] = field(default_factory=list)
    dealt: int = 0

    async def connect(self, token: str, process: int = 0) -> Client:
        """Opens a socket to the n-th server process."""
        client = await connect(self.urls[process % len(self.urls)], token)
        self.clients.append(client)
        return client

    async def both(self, pair: Pair) -> tuple[Client, Client]:
        """Opens the pair's two sockets, spread as a balancer does that knows nothing about pairs."""
        self.dealt += 1
        there = self.dealt // len(self.urls)
        return await self.connect(pair.guest_token, self.dealt), await self.connect(pair.host_token, there)

    async def hang_up(self) -> int:
        """Closes all sockets; returns how many logs had a gap."""
        gaps = sum(client.gaps for client in self.clients)
        for client in self.clients:
            client.close()
        self.clients.clear()
        await asyncio.sleep(0.5)
        return gaps


async def open_room(guest: Client, host: Client, pair: Pair, slot: int) -> dict[str, Any]:
    """Lets the guest open on the slot's nights and the host join; returns the snapshot."""
    start = date.today() + timedelta(days=30 + 5 * slot)
    snapshot = await guest.call(
        "negotiation.open", property=pair.property, start_date=str(start), end_date=str(start + timedelta(days=3)),
        guests=1, booking_type="stay", amount=pair.bid(0),
    )  # fmt: skip
    guest.knows(snapshot)
    host.knows((await host.call("negotiation.join", negotiation=snapshot["id"]))["negotiation"])
    return dict(snapshot)


async def limited(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """Awaits all of `work`, at most `at_once` at the same time; returns the results in order."""
    gate = asyncio.Semaphore(at_once)

    async def one(job: Awaitable[T]) -> T:
        async with gate:
            return await job

    return list(await asyncio.gather(*(one(job) for job in work)))


def read_pairs(path: Path) -> list[Pair]:
    """Reads the pairs that `seed_bench --json` wrote."""
    rows = json.loads(path.read_text())["pairs"]
    return [
        Pair(
            guest_token=row["guest_token"],
            host_token=row["host_token"],
            property=row["property"],
            nightly=Decimal(row["nightly"]),
            guest_key=row["guest_key"],
            host_key=row["host_key"],
        )
        for row in rows
    ]
