"""Places: so many at once, in turn, and none lost."""

import asyncio

from core.database.places import Places


async def test_they_are_handed_on_in_turn_and_none_is_lost() -> None:
    places, order = Places(asyncio.get_running_loop(), 2), list[int]()

    async def work(number: int) -> None:
        if not places.take():
            await places.wait()
        order.append(number)
        await asyncio.sleep(0)
        places.give_back()

    await asyncio.gather(*(work(number) for number in range(9)))
    assert order == [*range(9)]
    assert places.free == 2


async def test_one_who_is_cancelled_holds_none() -> None:
    places = Places(asyncio.get_running_loop(), 1)
    assert places.take()
    assert not places.take()
    gone, late, next_one = (asyncio.ensure_future(places.wait()) for _ in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    places.give_back()  # `late` has it now, and is cancelled in the same turn
    late.cancel()
    await asyncio.wait({late, next_one}, timeout=5)
    assert all((gone.cancelled(), late.cancelled(), next_one.done()))
    places.give_back()
    assert places.free == 1
