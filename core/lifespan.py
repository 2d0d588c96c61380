"""What runs when a server process starts and when it stops, on its event loop."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger(__name__)

on_startup: list[Callable[[], Awaitable[None]]] = []
on_shutdown: list[Callable[[], Awaitable[None]]] = []


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI lifespan protocol over the two lists above; shutdown runs them in reverse order."""
    await receive()
    for start in on_startup:
        await start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for stop in reversed(on_shutdown):
        try:
            await stop()
        except Exception:
            log.exception("a shutdown step failed")  # the others still get their turn
    await send({"type": "lifespan.shutdown.complete"})
