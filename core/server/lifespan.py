"""Runs the steps of a server process's start, drain and stop, on its event loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

log = logging.getLogger(__name__)

# The seconds between two cancellations of a task, and the most cancellations.
CANCEL_EVERY_S, CANCEL_TRIES = 0.2, 15

Step = Callable[[], Awaitable[None]]
on_startup: list[Step] = []
# Steps that core.server.serve runs after the listening socket is closed, while connections are still open. DRAIN_S bounds
# them.
on_drain: list[Step] = []
on_shutdown: list[Step] = []


async def drain() -> None:
    """Runs the steps that come before the server closes its sockets."""
    await run_all(on_drain)


async def run_all(steps: list[Step]) -> None:
    """Runs every step, even after others have failed."""
    for step in steps:
        try:
            await step()
        except Exception:
            log.exception("a step of the shutdown failed")


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels the tasks until they have ended, for some seconds at most.

    One cancellation is not enough: where it coincides with a timeout in the broker's client, the client takes it for the
    timeout, and the task goes on.
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
    """Speaks the ASGI lifespan protocol. Shutdown steps run in the reverse order of the startup steps."""
    await receive()
    for start in on_startup:
        await start()
    await send({"type": "lifespan.startup.complete"})
    try:
        await receive()
    except asyncio.CancelledError:
        # After a second signal the server ends without a shutdown message. That is no error, and nothing is left to do.
        return
    await run_all(on_shutdown[::-1])
    await send({"type": "lifespan.shutdown.complete"})
