"""A server process ends when it is told to, whatever the libraries make of a cancellation."""

from __future__ import annotations

import asyncio
import contextlib

from core.live import hub
from core.server import lifespan


async def deaf(times: int) -> None:
    """A loop whose library takes so many cancellations for something else, as redis-py's timeouts can."""
    for _ in range(times):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
    await asyncio.sleep(60)


async def test_a_hub_stops_although_a_task_swallowed_its_cancellation():
    here = hub.Hub()
    await here.start()
    task = here.spawn(deaf(2))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await here.stop()
    assert task.cancelled()
    assert all(each.done() for each in here.bus.tasks)


async def test_a_task_that_never_ends_is_left_behind(monkeypatch, caplog):
    monkeypatch.setattr(lifespan, "CANCEL_EVERY_S", 0.01)
    task = asyncio.ensure_future(deaf(lifespan.CANCEL_TRIES + 1))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await lifespan.end([task])
    assert "still running" in caplog.text
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
