"""Runs a coroutine at once up to its first wait, and the rest of it in a task."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any


@types.coroutine
def resume(half_done: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    """Awaits the rest of a coroutine that was run by hand up to its first wait.

    What it waited for may fail, and the coroutine may catch that and wait for more, as in a task of its own.
    """
    while True:
        try:
            sent = yield waited_for
        except GeneratorExit:
            half_done.close()
            raise
        except BaseException as error:
            go_on = partial(half_done.throw, error)
        else:
            go_on = partial(half_done.send, sent)
        try:
            waited_for = go_on()
        except StopIteration:
            return


def begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Runs `work` up to its first wait. Returns the task that runs the rest, or None where nothing is left.

    Up to that wait it must use nothing that asks for the current task, for instance `asyncio.timeout`.
    """
    try:
        waited_for = work.send(None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_rest(work, waited_for))


async def _rest(work: Coroutine[Any, Any, None], waited_for: Any) -> None:
    await resume(work, waited_for)
