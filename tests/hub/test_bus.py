"""Processes that publish to each other what the other's sockets subscribe to, and notice what they missed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.live import recent
from core.live.bus import Bus
from core.live.publishing import Publication
from core.live.recent import KEPT_S, Recent


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


def message(
    sender: str, number: int, *items: tuple[str, bytes, int | None, float], to: str | None = None
) -> dict[str, Any]:
    body = {"type": "hub", "from": sender, "n": number, "to": to, "items": list(items), "controls": []}
    return body if to else body | {"channel": f"channel of {sender}"}


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


async def test_what_was_published_outside_this_loop_is_news(ends):
    here, there = ends
    news: list[str] = []
    here.bus.on_news = lambda items: news.extend(topic for topic, *_ in items)
    here.bus.post([Publication("negotiation:1", b"{}", 5)], None)
    await asyncio.to_thread(here.bus.post, [Publication("negotiation:2", b"{}", 6)], None)
    await asyncio.sleep(0)
    here.bus.receive(message(there.bus.id, 4, ("negotiation:3", b"b", 7, 0.0)))
    here.bus.receive(message(here.bus.id, 1, ("negotiation:4", b"b", 8, 0.0)))
    assert [topic for topic, *_ in here.heard] == ["negotiation:1", "negotiation:2", "negotiation:3"]
    assert news == ["negotiation:2", "negotiation:3"]


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


async def test_numbers_to_one_process_are_their_own(ends):
    here, there = ends
    here.bus.receive(message(there.bus.id, 8))
    for number in (1, 2, 2, 4):
        here.bus.receive(message(there.bus.id, number, ("user:1", b"%d" % number, number, 0.0), to=here.bus.id))
    assert [frame for _, frame, _ in here.heard] == [b"1", b"2", b"4"]
    assert here.lost == [there.bus.id]
    here.bus.receive(message(there.bus.id, 9))
    assert here.lost == [there.bus.id]


async def test_a_beat_shows_that_the_last_message_to_this_process_was_lost(ends):
    here, there = ends
    here.bus.receive(message(there.bus.id, 1, ("user:1", b"a", 1, 0.0), to=here.bus.id))
    here.bus.check_direct(there.bus.id, 1)
    here.bus.check_direct(there.bus.id, None)
    assert here.lost == []
    here.bus.check_direct(there.bus.id, 2)
    here.bus.check_direct(there.bus.id, 2)
    assert here.lost == [there.bus.id]


async def test_with_no_subscriber_elsewhere_nothing_is_published(ends):
    here, _ = ends
    here.bus.accept([Publication("negotiation:1", b"{}", 5)], None)
    assert here.bus.courier.next_message() is None


async def test_what_is_published_goes_to_the_processes_that_subscribe_and_to_no_other(ends):
    here, _ = ends
    here.bus.peers_of = {"negotiation:1": ("b",), "user:7": ("b", "c")}.get  # type: ignore[assignment]
    here.bus.accept([Publication("negotiation:1", b"1", 5), Publication("user:7", b"2", 9)], None)
    sent = dict(iter(here.bus.courier.next_message, None))
    assert {peer: [item[0] for item in one["items"]] for peer, one in sent.items()} == {
        "b": ["negotiation:1", "user:7"],
        "c": ["user:7"],
    }
    here.bus.courier.add_beat()
    assert here.bus.courier.next_message()[1]["controls"] == [("beat", {"b": 1, "c": 1})]


async def test_a_subscription_that_is_known_late_is_sent_what_was_published_meanwhile(ends):
    here, _ = ends
    frames = [
        ("negotiation:1", b"1", 5),
        ("negotiation:2", b"2", 1),
        ("negotiation:1", b"3", 6),
        ("user:7", b"-", None),
    ]
    here.bus.accept([Publication(*frame) for frame in frames], None)
    here.bus.send_recent("b", ["negotiation:1", "user:7"])
    peer, sent = here.bus.courier.next_message()
    assert peer == "b"
    assert [item[1] for item in sent["items"]] == [b"1", b"3", b"-"]
    assert sent["controls"] == []


def test_what_is_kept_for_late_subscriptions_is_bounded_in_time_and_size(monkeypatch):
    kept = Recent()
    kept.keep([("a", b"old", 1, 0.0)], 100.0)
    kept.keep([("a", b"new", 2, 0.0)], 100.0 + KEPT_S)
    kept.keep([("a", b"typing", None, 0.0)], 100.0 + KEPT_S)
    assert [item[1] for item in kept.of(["a"], 100.0 + KEPT_S)] == [b"old", b"new", b"typing"]
    assert [item[1] for item in kept.of(["a", "b"], 100.0 + KEPT_S + 1.5)] == [b"new"]
    assert kept.is_complete(100.0 + KEPT_S + 1)
    monkeypatch.setattr(recent, "MAX_BYTES", 5)
    kept.keep([("b", b"much", 1, 0.0)], 100.0 + KEPT_S + 1)
    assert kept.of(["a"], 100.0 + KEPT_S + 1) == []
    assert not kept.is_complete(100.0 + KEPT_S + 1)
    assert kept.is_complete(100.0 + 3 * KEPT_S)
    assert (kept.size, list(kept.by_topic)) == (4, ["b"])
    kept.keep([("b", b"2", 2, 0.0), ("b", b"3", 3, 0.0)], 100.0 + KEPT_S + 2)
    assert [item[1] for item in kept.of(["b"], 100.0 + KEPT_S + 2)] == [b"2", b"3"]


async def test_who_can_not_be_sent_what_is_missing_is_told_to_read_again(ends):
    here, _ = ends
    here.bus.recent.incomplete_until = time.monotonic() + 60
    here.bus.send_recent("b", ["negotiation:1"])
    assert here.bus.courier.next_message()[1]["controls"] == [("reread", None)]


async def test_through_the_real_broker_publications_of_a_turn_travel_together_to_one_process(ends):
    here, there = ends
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    there.bus.receive = received.put_nowait  # type: ignore[method-assign]
    there.bus.start()
    async with asyncio.timeout(20):
        while (own_beat := await received.get())["from"] != there.bus.id:
            continue  # servers of other tests are in the group too
        here.bus.channels[there.bus.id] = own_beat["channel"]
        here.bus.peers_of = lambda topic: (there.bus.id,)
        here.bus.accept([Publication("user:1", b"a"), Publication("user:2", b"b")], ("hello", 1))
        while (to_all := await received.get())["from"] != here.bus.id:
            continue
        while not (together := await received.get())["items"]:
            continue
    assert together["to"] == there.bus.id
    assert [item[0] for item in together["items"]] == ["user:1", "user:2"]
    assert [list(control) for control in to_all["controls"]] == [["hello", 1]]
    assert here.heard == [("user:1", b"a", None), ("user:2", b"b", None)]
