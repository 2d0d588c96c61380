"""The live protocol's consumer: what happens as a connection begins, sends a frame, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from core.live.hub import hub
from negotiation.live.connection import Connection
from negotiation.live.sign_in import sign_in


class NegotiationConsumer(AsyncConsumer):
    """One for each connection; `connection` has its state. It has no channel layer of its own (docs/decisions/0016)."""

    __slots__ = ("base_send", "connection", "scope")
    connection: Connection

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Gives one message after the other to its handler, in this task.

        Channels' own `__call__` makes a task for each message, gets a channel from the channel layer, and checks database
        connections before each: here that costs more than the commands themselves (docs/decisions/0016).
        """
        self.scope, self.base_send, self.connection = scope, send, Connection(send)
        del scope
        try:
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            return
        except asyncio.CancelledError:
            if not self.connection.gone:
                raise
        finally:
            self.connection.leave()

    async def websocket_connect(self, message: Any) -> None:
        """Accepts, then signs in: only a close after the accept has a code that the client can read."""
        await self.send({"type": "websocket.accept"})
        code = await sign_in(self.connection, hub(), self.scope)
        # The headers are a third of an idle socket's memory, and are not needed again.
        del self.scope, self.base_send
        if code:
            self.connection.close(code)
            raise StopConsumer

    async def websocket_receive(self, message: Any) -> None:
        """A frame: one command."""
        await self.connection.receive(message)

    async def websocket_disconnect(self, message: Any) -> None:
        """The client or the network has closed the socket."""
        raise StopConsumer

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> Callable[[Any, Any, Any], Awaitable[None]]:
        """The application that `URLRouter` calls. A plain function: Channels' own is a coroutine more for each idle socket."""

        def application(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
            return cls(**initkwargs)(scope, receive, send)

        return application
