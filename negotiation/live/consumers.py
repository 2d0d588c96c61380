"""The consumer of the live protocol: it handles the beginning of a connection, its frames, and its end."""

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
    """The consumer of one connection, with its state in `connection`. It uses no channel layer (docs/decisions/0016)."""

    __slots__ = ("base_send", "connection", "scope")
    connection: Connection

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hands each frame to the connection and each other message to its handler, one after the other, in this task.

        Channels' own `__call__` makes a task for each message, gets a channel from the channel layer, and checks the database
        connections before each message. Here that costs more than the commands themselves (docs/decisions/0016).
        """
        self.scope, self.base_send, self.connection = scope, send, Connection(send)
        del scope
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.receive":
                    await self.connection.receive(message)
                else:
                    await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            return
        except asyncio.CancelledError:
            if not self.connection.gone:
                raise
        finally:
            self.connection.leave()

    async def websocket_connect(self, message: Any) -> None:
        """Accepts first, then signs in: a client can read a close code only after the accept."""
        await self.send({"type": "websocket.accept"})
        code = await sign_in(self.connection, hub(), self.scope)
        # The headers are a third of an idle socket's memory, and nothing needs them any more.
        del self.scope, self.base_send
        if code:
            self.connection.close(code)
            raise StopConsumer

    async def websocket_disconnect(self, message: Any) -> None:
        """Handles the end of the socket, by the client or the network."""
        raise StopConsumer

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> Callable[[Any, Any, Any], Awaitable[None]]:
        """Returns the application that `URLRouter` calls.

        It is a plain function: Channels' own would keep one more coroutine for each idle socket.
        """

        def application(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
            return cls(**initkwargs)(scope, receive, send)

        return application
