"""What runs when a server process starts, drains and stops, on its event loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

log = logging.getLogger(__name__)

# How often, and how many times, a task is told to end.
CANCEL_EVERY_S, CANCEL_TRIES = 0.2, 15

Step = Callable[[], Awaitable[None]]
on_startup: list[Step] = []
# Steps under core.server.serve after the listening socket is closed, while connections are still open; DRAIN_S bounds them.
on_drain: list[Step] = []
on_shutdown: list[Step] = []


async def drain() -> None:
    """Does what is to be done before the server closes its sockets."""
    await run_all(on_drain)


async def run_all(steps: list[Step]) -> None:
    """Runs each step, also after others have failed."""
    for step in steps:
        try:
            await step()
        except Exception:
            log.exception("a step of the shutdown failed")


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels the tasks until they are over, some seconds at the most.

    Once is not enough: where a cancellation meets a timeout of the broker's client, the task takes it for that, and goes on.
    """
    left = {task for task in tasks if not task.done()}
    for _ in range(CANCEL_TRIES):
        if not left:
            return
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_EVERY_S)
    log.error("still running, and left: %s", left)


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI lifespan protocol; shutdown steps run in the reverse order of the startup's."""
    await receive()
    for start in on_startup:
        await start()
    await send({"type": "lifespan.startup.complete"})
    try:
        await receive()
    except asyncio.CancelledError:
        # After a second signal the server ends without a shutdown message; that is no fault, and nothing is left to do.
        return
    await run_all(on_shutdown[::-1])
    await send({"type": "lifespan.shutdown.complete"})
