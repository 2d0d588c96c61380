"""Entries reach each socket in order, once and without a hole, however wake-ups come."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.live.topic_table import TopicTable
from core.live.topics import LogTopic

ROOM = "negotiation:7"


class Listener:
    """What a topic needs of a socket, and what it was told."""

    def __init__(self, user_id: int = 1) -> None:
        self.user_id = user_id
        self.topics: dict[LogTopic, int] = {}
        self.told: list[str] = []
        self.arrived = asyncio.Event()

    def push(self, message: dict[str, Any]) -> None:
        self.told.append(message["text"])
        self.arrived.set()

    async def until(self, count: int) -> None:
        """Waits until `count` frames have come."""
        async with asyncio.timeout(5):
            while len(self.told) < count:
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def seqs(self) -> list[int]:
        return [int(text) for text in self.told]


class Log:
    """A log in the database's place: what `read_log` finds."""

    def __init__(self, last_seq: int = 0) -> None:
        self.last_seq = last_seq
        self.down = 0

    async def read(self, wanted: Sequence[tuple[str, int]]) -> Iterable[tuple[str, int, bytes]]:
        if self.down:
            self.down -= 1
            raise ConnectionError("the database is away")
        return [(topic, seq, b"%d" % seq) for topic, after in wanted for seq in range(after + 1, self.last_seq + 1)]

    async def heads(self, topics: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(topics, self.last_seq)


def joined(table: TopicTable, listener: Listener, told: int) -> None:
    table.end_join(table.begin_join(ROOM, listener), listener, told)


def wake(table: TopicTable, *seqs: int) -> None:
    for seq in seqs:
        table.deliver(ROOM, b"%d" % seq, seq)


async def test_entries_in_order_pass_at_once():
    table, socket = TopicTable(), Listener()
    joined(table, socket, 4)
    wake(table, 5, 6)
    assert socket.seqs == [5, 6]


async def test_a_repeat_is_dropped():
    table, socket = TopicTable(), Listener()
    joined(table, socket, 4)
    wake(table, 5, 5, 4, 6, 5)
    assert socket.seqs == [5, 6]


async def test_an_entry_that_overtook_another_waits_for_it():
    table, socket = TopicTable(), Listener()
    joined(table, socket, 4)
    wake(table, 7, 6)
    assert socket.seqs == []
    wake(table, 5)
    assert socket.seqs == [5, 6, 7]


async def test_a_hole_is_filled_from_the_log():
    table, socket, log = TopicTable(), Listener(), Log(last_seq=8)
    table.read_log = log.read
    joined(table, socket, 4)
    wake(table, 8)
    await socket.until(4)
    assert socket.seqs == [5, 6, 7, 8]


async def test_a_hole_is_filled_once_the_database_is_back(monkeypatch):
    monkeypatch.setattr("core.live.topic_table.FILL_RETRY_S", 0.02)
    table, socket, log = TopicTable(), Listener(), Log(last_seq=6)
    table.read_log, log.down = log.read, 2
    joined(table, socket, 4)
    wake(table, 6)
    await socket.until(2)
    assert socket.seqs == [5, 6]


async def test_comparing_finds_what_no_wake_up_told():
    table, socket, log = TopicTable(), Listener(), Log(last_seq=6)
    table.read_log, table.read_heads = log.read, log.heads
    joined(table, socket, 4)
    await table.compare()
    assert socket.seqs == [5, 6]


async def test_what_comes_between_the_reading_and_the_reply_follows_the_reply():
    table, first, second = TopicTable(), Listener(1), Listener(2)
    joined(table, first, 4)
    topic = table.begin_join(ROOM, second)
    wake(table, 5, 6)
    second.push({"text": "0"})  # the reply, which told up to 5
    table.end_join(topic, second, 5)
    wake(table, 7)
    assert first.seqs == [5, 6, 7]
    assert second.seqs == [0, 6, 7]


async def test_a_reply_that_read_further_than_the_room_is_not_told_twice():
    table, first, second = TopicTable(), Listener(1), Listener(2)
    joined(table, first, 4)
    joined(table, second, 6)
    wake(table, 5, 6, 7)
    assert first.seqs == [5, 6, 7]
    assert second.seqs == [7]


async def test_the_first_join_keeps_what_came_while_it_read():
    table, socket = TopicTable(), Listener()
    topic = table.begin_join(ROOM, socket)
    wake(table, 5, 3, 4)
    table.end_join(topic, socket, 3)
    assert socket.seqs == [4, 5]


async def test_a_page_with_more_to_come_brings_no_live_entries():
    table, socket = TopicTable(), Listener()
    table.end_join(table.begin_join(ROOM, socket), socket, None)
    wake(table, 5)
    assert socket.seqs == []
    assert table.logs == {}
    joined(table, socket, 5)
    wake(table, 6)
    assert socket.seqs == [6]


async def test_who_left_during_the_join_gets_nothing():
    table, socket = TopicTable(), Listener()
    topic = table.begin_join(ROOM, socket)
    table.leave(ROOM, socket)
    table.end_join(topic, socket, 4)
    wake(table, 5)
    assert socket.seqs == []
    assert (table.logs, table.watching, socket.topics) == ({}, {}, {})


async def test_an_empty_room_leaves_nothing_behind():
    table, socket = TopicTable(), Listener()
    table.end_join(table.begin_join(ROOM, socket), socket, 4, (1, 2))
    assert set(table.watching) == {1, 2}
    table.leave_all(socket)
    assert (table.logs, table.watching, socket.topics) == ({}, {}, {})


async def test_a_numbered_push_is_told_once():
    table, socket = TopicTable(), Listener()
    table.enter_inbox("user:1", socket)
    for seq in (90, 91, 90, None, None):
        table.deliver("user:1", b"1", seq)
    assert len(socket.told) == 4


async def test_what_came_just_before_the_socket_is_caught_up_with():
    table, socket = TopicTable(), Listener()
    with table.expect():
        table.deliver("user:1", b"90", 90)
        table.enter_inbox("user:1", socket)
        table.catch_up("user:1")
    table.deliver("user:2", b"91", 91)
    assert socket.seqs == [90]
    assert not table.missed


@given(
    order=st.permutations(range(1, 9)),
    join_at=st.integers(0, 8),
    reply_at=st.integers(0, 8),
    repeats=st.lists(st.integers(1, 8), max_size=4),
)
def test_whatever_the_order_a_socket_ends_with_the_whole_log(order, join_at, reply_at, repeats):
    asyncio.run(play(order, join_at, reply_at, repeats))


async def play(order: Sequence[int], join_at: int, reply_at: int, repeats: list[int]) -> None:
    """Wake-ups come in `order`; a socket begins to join before the `join_at`-th and is answered before a later one.

    What it reads is what was committed by then: the log is written in order, so at least all that was told.
    """
    table, early, late = TopicTable(), Listener(1), Listener(2)
    joined(table, early, 0)
    topic, reply_at, told = None, max(join_at, reply_at), 0
    for position, seq in enumerate(order):
        if position == join_at:
            topic = table.begin_join(ROOM, late)
            told = max([0, *order[:position]])
        if position == reply_at and topic is not None:
            table.end_join(topic, late, told)
            topic = None
        wake(table, seq, *(r for r in repeats if r in order[: position + 1]))
    if join_at == 8:
        topic, told = table.begin_join(ROOM, late), 8
    if topic is not None:
        table.end_join(topic, late, told)
    for timer in [r.gap_timer for r in table.logs.values() if r.gap_timer]:
        timer.cancel()
    assert early.seqs == list(range(1, 9))
    assert late.seqs == list(range(told + 1, 9))
