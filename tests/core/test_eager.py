"""A coroutine that is begun at once goes on as it would in a task of its own."""

import asyncio

import pytest

from core.eager import begin


async def test_what_it_waits_for_may_fail_and_it_goes_on() -> None:
    loop = asyncio.get_running_loop()
    steps: list[str] = []
    waits = [loop.create_future() for _ in range(3)]

    async def work() -> None:
        for wait in waits:
            try:
                steps.append(await wait)
            except ValueError:
                steps.append("failed")
        steps.append("over")

    task = begin(work())
    assert task is not None
    waits[0].set_exception(ValueError())
    await asyncio.sleep(0)
    waits[1].set_exception(ValueError())
    loop.call_later(0.01, waits[2].set_result, "came")
    await task
    assert steps == ["failed", "failed", "came", "over"]


async def test_it_may_end_with_the_failure_of_its_first_wait() -> None:
    wait = asyncio.get_running_loop().create_future()

    async def work() -> None:
        try:
            await wait
        except ValueError:
            return

    task = begin(work())
    assert task is not None
    wait.set_exception(ValueError())
    await task


async def test_a_cancelled_one_cleans_up_before_it_ends() -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            cleaned.append("all")

    task = begin(work())
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == ["all"]
