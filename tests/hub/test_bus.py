"""Processes that tell each other everything over one group, and notice what they missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.live.bus import Bus
from core.live.publishing import Publication


class End:
    """One process's bus, and what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, int | None]] = []
        self.lost: list[str | None] = []
        self.bus = Bus(self.deliver)
        self.bus.on_loss = self.lost.append

    def deliver(self, topic: str, frame: bytes, seq: int | None) -> bool:
        self.heard.append((topic, frame, seq))
        return True


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    """Two buses on one loop share the layer, so each hears the other through the broker."""
    pair = End(), End()
    for end in pair:
        end.bus.tasks = []
    yield pair
    for end in pair:
        await end.bus.stop()


def message(sender: str, number: int, *items: tuple[str, bytes, int | None, float]) -> dict[str, Any]:
    return {"type": "hub", "from": sender, "n": number, "items": list(items), "controls": []}


async def test_own_sockets_hear_at_once_and_only_once(ends):
    here, _ = ends
    here.bus.accept([Publication("user:1", b"{}", 5)], None)
    assert here.heard == [("user:1", b"{}", 5)]
    here.bus.receive(message(here.bus.id, 1, ("user:1", b"{}", 5, 0.0)))
    assert len(here.heard) == 1


async def test_what_others_say_is_delivered(ends):
    here, there = ends
    here.bus.receive(message(there.bus.id, 4, ("user:1", b"a", None, 0.0), ("negotiation:2", b"b", 7, 0.0)))
    assert here.heard == [("user:1", b"a", None), ("negotiation:2", b"b", 7)]
    assert here.lost == []


async def test_a_repeated_message_is_dropped_and_a_skipped_number_noticed(ends):
    here, there = ends
    for number in (4, 4, 5, 3, 7):
        here.bus.receive(message(there.bus.id, number, ("user:1", b"%d" % number, None, 0.0)))
    assert [frame for _, frame, _ in here.heard] == [b"4", b"5", b"7"]
    assert here.lost == [there.bus.id]


async def test_a_silence_of_our_own_beat_means_that_anything_may_be_lost(ends):
    here, _ = ends
    here.bus.receive(message(here.bus.id, 1))
    assert here.lost == []
    here.bus.returned_at -= 10
    assert here.bus.deaf
    here.bus.receive(message(here.bus.id, 2))
    assert here.lost == [None]
    assert not here.bus.deaf


async def test_a_broken_listener_or_control_stops_nobody(ends):
    here, there = ends

    def broken(sender: str, body: Any) -> None:
        raise RuntimeError("a bug")

    here.bus.on_control["boom"] = broken
    bad = message(there.bus.id, 1, ("user:1", b"a", None, 0.0))
    bad["controls"] = [("boom", None), ("unheard-of", None)]
    here.bus.receive(bad)
    here.bus.receive(message(there.bus.id, 2, ("user:1", b"b", None, 0.0)))
    assert [frame for _, frame, _ in here.heard] == [b"a", b"b"]


async def test_through_the_real_broker_publications_of_a_turn_travel_together():
    here = End()
    here.bus.start()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    here.bus.receive = heard.put_nowait  # type: ignore[method-assign]
    try:
        async with asyncio.timeout(20):
            await heard.get()  # our own beat: we are in the group
            here.bus.accept([Publication("user:1", b"a")], None)
            here.bus.accept([Publication("user:2", b"b")], ("hello", 1))
            while not (together := await heard.get())["items"]:
                continue
    finally:
        await here.bus.stop()
    assert [item[0] for item in together["items"]] == ["user:1", "user:2"]
    assert ["hello", 1] in [list(control) for control in together["controls"]]
