"""Measures REST under load: search, a property, a quote and a list, over kept-alive connections."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from bench.client import Refused, clock
from bench.figures import cpu_between, cpu_seconds, quantiles
from bench.play import Pair, Stage


def paths(pair: Pair) -> list[str]:
    """Returns the paths that a guest looks at in one round."""
    start = date.today() + timedelta(days=40)
    end = start + timedelta(days=3)
    return [
        f"/api/properties/search/?check_in={start}&check_out={end}&guests=1",
        f"/api/property/{pair.property}/",
        f"/api/property/{pair.property}/quote/?start_date={start}&end_date={end}&number_of_guests=1&booking_type=stay",
        "/api/nego/as_guest/",
        "/api/notification/",
    ]


async def mix(stage: Stage, *, connections: int = 16, seconds: int = 8, warm: int = 2) -> dict[str, Any]:
    """Measures requests a second and their latency, with `connections` callers in a closed loop."""
    place = urlsplit(stage.urls[0].replace("ws", "http", 1))
    latency: list[float] = []
    statuses: Counter[int] = Counter()
    begin = clock() + warm
    end = begin + seconds

    async def caller(pair: Pair) -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for path in cycle(paths(pair)):
            sent = clock()
            if sent > end:
                break
            statuses[await get(reader, writer, path, pair.guest_token)] += 1
            if sent > begin:
                latency.append(clock() - sent)
        writer.close()

    callers = asyncio.gather(*(caller(pair) for pair in stage.pairs[:connections]))
    await asyncio.sleep(warm)
    before = cpu_seconds(stage.watch)
    await asyncio.wait_for(callers, seconds + 30)
    if set(statuses) != {200}:
        raise Refused(str(statuses))
    used = cpu_between(before, cpu_seconds(stage.watch))
    return {"requests_s": round(len(latency) / seconds, 1), **quantiles(latency), "cpu_s": used}


async def get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str) -> int:
    """Sends a GET; returns the status."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\n\r\n".encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "content-length:" in head:
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
    elif "chunked" in head:
        await _chunks(reader)
    return status


async def _chunks(reader: asyncio.StreamReader) -> None:
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()
