"""Runs the SDK with our tools on an event loop. A process loads this module for its first machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from accounts.selectors.mandates import AgentIdentity
from negotiation.mcp import moves
from negotiation.mcp.plain_calls import read_plain, response
from negotiation.mcp.server import CALL, answer_call, make_server
from negotiation.mcp.tool import Call

STOP_S = 2.0


class Manager:
    """The SDK's session manager on the event loop of its first request."""

    def __init__(self, max_body: int) -> None:
        self.server = make_server()
        self.sessions = StreamableHTTPSessionManager(
            self.server, json_response=True, stateless=True, max_request_body_size=max_body
        )
        self.loop = asyncio.get_running_loop()
        self.ready, self.ended = asyncio.Event(), asyncio.Event()
        self.life = self.loop.create_task(self.live())

    def lives(self) -> bool:
        """Whether it belongs to the running loop and has not ended."""
        return self.loop is asyncio.get_running_loop() and not self.life.done() and not self.ended.is_set()

    async def live(self) -> None:
        """Runs the SDK's tasks within this task: the SDK has to be entered and left in one task."""
        async with self.sessions.run():
            self.ready.set()
            await self.ended.wait()

    async def answer(self, agent: AgentIdentity, base: str, body: bytes, scope: Any, receive: Any, send: Any) -> None:
        """Answers the request of a machine that was let in."""
        call = caller(agent, base, receive)
        if (plain := read_plain(scope["headers"], body)) is not None:
            answered = await answer_call(plain.name, call(plain.arguments))
            await send_json(send, response(plain, answered, self.server.server_info_stamp))
            return
        await self.ready.wait()
        await self.sessions.handle_request({**scope, CALL: call}, once(body), send)

    async def stop(self) -> None:
        """With the server, on its loop."""
        await moves.let_moves_finish()
        self.ended.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.life, STOP_S)


async def send_json(send: Any, body: bytes) -> None:
    """A whole answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def once(body: bytes) -> Callable[[], Awaitable[Any]]:
    """A `receive` that gives the body and then waits for ever: `caller` watches the connection."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if left:
            return left.pop()
        return await asyncio.get_running_loop().create_future()

    return receive


def caller(agent: AgentIdentity, base: str, receive: Any) -> Callable[[Mapping[str, Any]], Call]:
    """A factory of this request's call, for when its arguments are known."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    return lambda arguments: Call(agent=agent, arguments=arguments, base=base, gone=gone)
