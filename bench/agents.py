"""The scenarios of machines at `/mcp/`. Each gets a Stage and returns its figures.

The client is a bare HTTP/1.1 connection, so that the figures are the server's and not the client's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

import orjson

from bench.client import clock
from bench.figures import cpu_between, cpu_seconds, quantiles, resident_kb
from bench.live import OFFERS_EACH, Figures
from bench.play import Pair, Stage, limited, open_room

MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"
PREFIX = "io.modelcontextprotocol/"
ENVELOPE = {
    f"{PREFIX}protocolVersion": MODERN,
    f"{PREFIX}clientInfo": {"name": "bench", "version": "1"},
    f"{PREFIX}clientCapabilities": {},
}
WAIT_S = 50
LONGEST_S = 120


class Machine:
    """A client with one key and one kept connection, which makes one call at a time."""

    def __init__(self, url: str, key: str, era: str) -> None:
        self.host, _, port = url.split("/")[2].partition(":")
        self.port, self.key, self.era, self.numbers = int(port), key, era, count(1)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def head(self, tool: str, length: int) -> bytes:
        lines = [
            "POST /mcp/ HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Authorization: Bearer {self.key}",
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            f"Content-Length: {length}",
            f"MCP-Protocol-Version: {self.era}",
        ]
        lines += ["Mcp-Method: tools/call", f"Mcp-Name: {tool}"] if self.era == MODERN else []
        return "\r\n".join([*lines, "", ""]).encode()

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Calls a tool; returns its answer. Raises RuntimeError for a refusal."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        params = {"name": tool, "arguments": arguments} | ({"_meta": ENVELOPE} if self.era == MODERN else {})
        body = orjson.dumps({"jsonrpc": "2.0", "id": next(self.numbers), "method": "tools/call", "params": params})
        writer.write(self.head(tool, len(body)) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return answer_of(head, await reader.readexactly(length))

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()


def answer_of(head: bytes, body: bytes) -> dict[str, Any]:
    """Returns the structured content of a result."""
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError((head, body))
    result: Mapping[str, Any] = orjson.loads(body)["result"]
    if result.get("isError"):
        raise RuntimeError(result["content"][0]["text"])
    return dict(result["structuredContent"])


def machines_of(stage: Stage, pair: Pair, era: int) -> tuple[Machine, Machine]:
    """Returns the pair's two machines, which use the newer era of the protocol or the handshake."""
    name = HANDSHAKE if era else MODERN
    return Machine(stage.urls[0], pair.guest_key, name), Machine(stage.urls[0], pair.host_key, name)


async def machines(
    stage: Stage, *, pairs: int = 40, warm: float = 2, seconds: float = 8, handshake: int = 0
) -> Figures:
    """Runs the closed loop of `haggle` with tools only: each pair opens, counters, declines and opens again."""
    both = [(pair, *machines_of(stage, pair, handshake)) for pair in stage.pairs[:pairs]]
    # A server process loads the SDK for its first machine, which takes seconds on a busy computer.
    await both[0][1].call("list_negotiations", limit=1)
    latency: list[float] = []
    begin = clock() + warm
    end = begin + seconds

    async def offer(who: Machine, room: int, amount: str) -> dict[str, Any]:
        sent = clock()
        made = await who.call("make_offer", negotiation=room, amount=amount)
        if begin < sent < end:
            latency.append(clock() - sent)
        return dict(made["offer"])

    async def play(pair: Pair, guest: Machine, host: Machine) -> None:
        while clock() < end:
            opened = await guest.call("open_negotiation", **opening(pair))
            for i in range(OFFERS_EACH - 1):
                await offer(host, opened["id"], pair.ask(i))
                made = await offer(guest, opened["id"], pair.bid(i + 1))
            await host.call("decline_offer", negotiation=opened["id"], offer=made["id"])

    games = asyncio.gather(*(play(*one) for one in both))
    await asyncio.sleep(warm)
    before = cpu_seconds(stage.watch)
    await asyncio.sleep(seconds)
    used = cpu_between(before, cpu_seconds(stage.watch))
    await asyncio.wait_for(games, LONGEST_S)
    each = 1000 / max(1, len(latency))
    return {
        "offers_s": round(len(latency) / seconds, 1),
        **quantiles(latency),
        "server_ms_per_offer": round(used["server"] * each, 3),
        "postgres_ms_per_offer": round(used["postgres"] * each, 3),
        "cpu_s": used,
    }


def opening(pair: Pair, slot: int = 0) -> dict[str, Any]:
    """Returns the arguments of `open_negotiation`."""
    start = date.today() + timedelta(days=30 + 5 * slot)
    return {
        "property": pair.property, "start_date": str(start), "end_date": str(start + timedelta(days=3)), "guests": 1,
        "booking_type": "stay", "amount": pair.bid(0),
    }  # fmt: skip


async def waiting(stage: Stage, *, agents: int = 1000, handshake: int = 0, idle: float = 15) -> Figures:
    """Measures the memory of a waiting machine, the CPU of all of them while nothing happens, and how soon one wakes."""
    pairs = stage.pairs[: agents // 2]
    sockets = await limited(stage.both(pair) for pair in pairs)
    rooms = await limited(open_room(*s, p, 6) for p, s in zip(pairs, sockets, strict=True))
    # This closes all sockets, because the work for their pings and checks would count as the machines'.
    await stage.hang_up()
    here = [machine for pair in pairs for machine in machines_of(stage, pair, handshake)]
    twice = [room for room in rooms for _ in range(2)]
    for machine, room in zip(here[:50], twice, strict=False):
        await machine.call("wait_for_change", negotiation=room["id"], after_seq=room["last_seq"], seconds=0)
    await asyncio.sleep(2)
    base, before, began = resident_kb(stage.watch["server"]), cpu_seconds(stage.watch), clock()
    calls = [
        asyncio.ensure_future(
            machine.call("wait_for_change", negotiation=room["id"], after_seq=room["last_seq"], seconds=WAIT_S)
        )
        for machine, room in zip(here, twice, strict=True)
    ]
    await asyncio.sleep(max(5.0, agents / 150))
    full, opened = resident_kb(stage.watch["server"]), cpu_between(before, cpu_seconds(stage.watch))
    if any(call.done() for call in calls):
        raise RuntimeError(next(call for call in calls if call.done()))
    before = cpu_seconds(stage.watch)
    await asyncio.sleep(idle)
    rest = cpu_between(before, cpu_seconds(stage.watch))
    woken: list[float] = []
    for pair, room, call in zip(pairs[:50], rooms, calls[::2], strict=False):
        host = await stage.connect(pair.host_token)
        sent = clock()
        await host.call("offer.make", negotiation=room["id"], amount=pair.ask(0))
        await asyncio.wait_for(call, LONGEST_S)
        woken.append(clock() - sent)
    await asyncio.wait_for(asyncio.gather(*calls), LONGEST_S)
    for machine in here:
        machine.close()
    return {
        "kb_per_agent": round((full - base) / len(here), 1),
        "open_ms_per_agent": round(1000 * opened["server"] / len(here), 2),
        "idle_cpu_pct": round(100 * rest["server"] / idle, 2),
        **{f"woken_{name}": value for name, value in quantiles(woken).items()},
        "waited_s": round(clock() - began, 1),
    }
