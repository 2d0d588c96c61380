"""Calls of `/mcp/` that survive a lost connection: a new official client sends a call again, with the same command id."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

# Seconds. A wait takes fifty seconds, and httpx2's own read time-out of five would end it.
TIMES = httpx2.Timeout(10, read=75)
TRIES = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
# Codes of refusals after which the same call is sent again, a moment later.
AGAIN = ("rate_limited", "unavailable", "command.in_progress", "command.outcome_unknown")


class Refused(Exception):
    """A tool's refusal: its code, message and params."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(f"{body['code']}: {body['message']}")
        self.code: str = body["code"]
        self.params: Mapping[str, Any] = body["params"]


class Lost(Exception):
    """The connection ended before an answer came."""


class KeyEnded(Exception):
    """The key is unknown, revoked or expired."""


@dataclass(slots=True)
class Wanted:
    """A call on its way, with the future that waits for its result."""

    tool: str
    arguments: dict[str, Any]
    result: asyncio.Future[Any]


class Table:
    """The connection of one key."""

    def __init__(self, url: str, key: str) -> None:
        self.address, self.key = f"{url.rstrip('/')}/mcp/", key
        self.calls: asyncio.Queue[Wanted] = asyncio.Queue()
        self.line: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Table:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.line is not None:
            self.line.cancel()
            await asyncio.wait({self.line}, timeout=5)

    async def move(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Calls a tool that changes something. It runs once, even if the call has to be sent several times.

        Raises as `ask`.
        """
        return await self.ask(tool, command_id=uuid.uuid4().hex, **arguments)

    async def ask(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Calls a tool; returns its answer. Raises Refused, KeyEnded, and Lost where nothing answers for long."""
        pause = FIRST_PAUSE_S
        for _ in range(TRIES):
            try:
                return read(await self.once(tool, arguments))
            except Refused as refused:
                if refused.code not in AGAIN:
                    raise
                last: Exception = refused
                pause = max(pause, float(refused.params.get("retry_after", 0)))
            except Lost as lost:
                await self.look_at_key()
                last = lost
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)
        raise last

    async def once(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Sends a call once, over the present connection or a new one. Raises Lost."""
        if self.line is None or self.line.done():
            self.line = asyncio.create_task(self.serve())
        wanted = Wanted(tool, arguments, asyncio.get_running_loop().create_future())
        self.calls.put_nowait(wanted)
        await asyncio.wait({wanted.result, self.line}, return_when=asyncio.FIRST_COMPLETED)
        if wanted.result.done():
            return wanted.result.result()
        raise Lost(f"the connection to {self.address} ended")

    async def serve(self) -> None:
        """Runs one client. A lost connection ends all of it, by an exception group or a cancellation."""
        headers = {"Authorization": f"Bearer {self.key}"}
        with contextlib.suppress(Exception):
            async with (
                httpx2.AsyncClient(headers=headers, timeout=TIMES) as http,
                Client(streamable_http_client(self.address, http_client=http)) as client,
            ):
                while True:
                    wanted = await self.calls.get()
                    result = await client.call_tool(wanted.tool, wanted.arguments)
                    if not wanted.result.done():
                        wanted.result.set_result(result)

    async def look_at_key(self) -> None:
        """Raises KeyEnded where the key is the reason that no connection was made; the client does not report the reason."""
        self.calls = asyncio.Queue()
        with contextlib.suppress(httpx2.HTTPError):
            async with httpx2.AsyncClient(timeout=TIMES) as http:
                answer = await http.post(self.address, headers={"Authorization": f"Bearer {self.key}"}, json={})
            if answer.status_code == 401:
                raise KeyEnded("The key opens nothing: it is unknown, was ended, or is past its time.")


def read(result: Any) -> dict[str, Any]:
    """Returns the structured content of a result. Raises Refused."""
    if result.is_error:
        raise Refused(json.loads(result.content[0].text))
    content: dict[str, Any] = result.structured_content
    return content
