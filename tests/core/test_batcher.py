"""Batches of the event loop: who shares one, and who waits for whom."""

import asyncio

import pytest

from core.database import batcher
from core.database.batcher import Gatherer
from core.errors import DomainError


async def batches_of(items: list[str], ground: bool) -> list[list[str]]:
    """Submits all items in one turn of the loop; returns the batches in the order in which they began."""
    begun: list[list[str]] = []

    async def work(batch: list[str]) -> list[str]:
        begun.append(batch)
        await asyncio.sleep(0)
        return [item.upper() for item in batch]

    gatherer = Gatherer[str, str](work, most=4, lanes=2, ground=(lambda item: item[0]) if ground else None)
    assert await asyncio.gather(*map(gatherer.submit, items)) == [item.upper() for item in items]
    assert (gatherer.free, gatherer.taken, list(gatherer.waiting)) == (2, set(), [])
    return begun


async def test_calls_of_one_turn_share_a_batch() -> None:
    assert await batches_of(["a1", "a2", "b1"], ground=False) == [["a1", "a2", "b1"]]


async def test_the_first_of_a_ground_goes_alone_and_the_rest_wait_for_it() -> None:
    assert await batches_of(["a1", "a2", "a3", "b1", "a4"], ground=True) == [["a1"], ["b1"], ["a2", "a3", "a4"]]


async def test_a_failure_frees_its_ground() -> None:
    async def work(batch: list[str]) -> list[str]:
        await asyncio.sleep(0)
        if batch == ["a1"]:
            raise ValueError
        return batch

    gatherer = Gatherer[str, str](work, most=4, lanes=2, ground=lambda item: item[0])
    first, second = await asyncio.gather(*map(gatherer.submit, ["a1", "a2"]), return_exceptions=True)
    assert isinstance(first, Exception)
    assert (second, gatherer.taken, gatherer.free) == ("a2", set(), 2)


async def test_with_a_pace_a_lone_call_goes_at_once_and_a_storm_makes_few_batches() -> None:
    begun: list[tuple[float, list[int]]] = []
    loop = asyncio.get_running_loop()

    async def work(batch: list[int]) -> list[int]:
        begun.append((loop.time(), batch))
        await asyncio.sleep(0)
        return batch

    gatherer = Gatherer[int, int](work, most=4, lanes=2, pace_s=0.01)
    started = loop.time()
    assert await gatherer.submit(0) == 0
    assert await asyncio.gather(*map(gatherer.submit, range(1, 10))) == list(range(1, 10))
    assert [batch for _, batch in begun] == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]
    assert [at >= started + number * 0.0099 for number, (at, _) in enumerate(begun)] == [True] * 4
    assert (gatherer.free, list(gatherer.waiting)) == (2, [])


async def test_calls_start_no_more_lanes_than_they_need() -> None:
    async def work(batch: list[int]) -> list[int]:
        return batch

    gatherer = Gatherer[int, int](work, most=2, lanes=2)
    lanes = []
    calls = []
    for number in range(5):
        calls.append(gatherer.submit(number))
        lanes.append(len(gatherer.running))
    assert lanes == [1, 1, 2, 2, 2]
    assert await asyncio.gather(*calls) == [0, 1, 2, 3, 4]
    assert (gatherer.free, gatherer.starting, gatherer.waits) == (2, 0, {})


async def test_a_wait_ends_in_the_queue_with_nothing_done_and_in_a_batch_with_nothing_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batcher, "WAIT_S", 0.01)
    answers = asyncio.Event()

    async def work(batch: list[int]) -> list[int]:
        await answers.wait()
        return batch

    gatherer = Gatherer[int, int](work, most=1, lanes=1)
    told = await asyncio.gather(*map(gatherer.submit, range(2)), return_exceptions=True)
    assert [error.code for error in told if isinstance(error, DomainError)] == [
        "command.outcome_unknown",
        "unavailable",
    ]
    [over] = gatherer.under_way
    answers.set()
    await over
    monkeypatch.undo()
    assert await gatherer.submit(2) == 2
    assert (list(gatherer.waiting), gatherer.waits, gatherer.under_way) == ([], {}, [])
