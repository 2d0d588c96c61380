"""The frame that is written past the websocket library is the one that the library would write."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from core.server.frame_bytes import encoded
from core.server.mailbox import Gate, Mailbox


@pytest.mark.parametrize("text", ["", "x", "ঢাকা", "x" * 125, "x" * 126, "x" * 65_535, "x" * 65_536, "ড" * 50_000])
def test_a_frame_is_as_the_library_would_write_it(text):
    assert encoded(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def test_a_mailbox_hands_over_in_order_and_waits_when_empty():
    emptied: list[int] = []
    box = Mailbox(asyncio.get_running_loop(), lambda: emptied.append(len(box)))
    reading = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert box.empty()
    for item in "abc":
        box.put_nowait(item)
    assert await reading == "a"
    assert (len(box), emptied) == (2, [])
    assert [await box.get(), await box.get()] == ["b", "c"]
    assert (box.empty(), emptied) == (True, [0])


async def test_a_mailbox_survives_a_reader_that_gave_up():
    box = Mailbox(asyncio.get_running_loop(), lambda: None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await box.get()
    box.put_nowait("a")
    assert await box.get() == "a"


async def test_what_was_handed_to_a_reader_that_gave_up_goes_to_the_next():
    box = Mailbox(asyncio.get_running_loop(), lambda: None)
    reading = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    box.put_nowait("a")
    box.put_nowait("b")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert [await box.get(), await box.get()] == ["a", "b"]


async def test_a_gate_lets_all_through_that_wait_when_it_opens():
    gate = Gate(asyncio.get_running_loop())
    await gate.wait()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    waiting[0].cancel()
    await asyncio.sleep(0)
    assert not gate.is_set()
    gate.set()
    await asyncio.gather(*waiting[1:])
