"""Processes that each remember the same negotiation move at the same moment, and a connection that ends in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from core import clock
from core.database import plain
from core.database.lane import Lane
from core.database.threads import threads
from negotiation.engine.executor import carry_out, execute_one
from negotiation.engine.load_negotiations import lock_negotiations
from negotiation.engine.memory import Memory
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.live import batcher
from negotiation.live.hub_setup import Live
from negotiation.models import Entry
from negotiation.moves import Move
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def offering(play: Play, side: str, amount: int, key: str) -> Move:
    actor = play.guest if side == "guest" else play.host
    return read_move("offer.make", {"negotiation": play.id, "amount": str(amount)}, actor_id=actor.pk, key=key)


def remember(play: Play, move: Move) -> Memory:
    """A process that made the move, or saw it made by another, and remembers the negotiation."""
    memory = Memory()
    assert code(run(move, memory)) == "ok"
    return memory


def run(move: Move, memory: Memory) -> Outcome:
    return plain.run(carry_out([move], now=clock.now(), memory=memory))[0]


def copy_of(play: Play, ids: list[int]) -> Memory:
    """Another process that remembers the same."""
    other = Memory()
    with transaction.atomic():
        other.records.update(plain.converse(lock_negotiations([play.id])))
    other.offer_ids = ids
    return other


def test_of_two_processes_that_remember_the_same_one_moves(
    rounds: Callable[[int, int], int], no_deadlock: None
) -> None:
    for n in range(rounds(4, 100)):
        play = opened("2000")
        one = remember(play, offering(play, "host", 2900, f"h{n}"))
        two = copy_of(play, [10**9 + n])
        bids = [offering(play, "guest", 2100 + which, f"g{which}-{n}") for which in range(2)]
        told = at_once(*[partial(run, bid, memory) for bid, memory in zip(bids, (one, two), strict=True)])
        assert sorted(map(code, told)) == ["offer.not_your_turn", "ok"]
        assert play.kinds().count("offer.made") == 3
    check_world()


def test_a_command_that_comes_to_two_processes_is_done_once(rounds: Callable[[int, int], int]) -> None:
    for n in range(rounds(4, 100)):
        play = opened("2000")
        one = remember(play, offering(play, "host", 2900, f"h{n}"))
        two = copy_of(play, [10**9 + n])
        bid = offering(play, "guest", 2100, "same")
        told = at_once(*[partial(run, bid, memory) for memory in (one, two)])
        done = [outcome for outcome in told if not outcome.busy]
        assert done
        assert all(outcome.stored == done[0].stored and outcome.error is None for outcome in done)
        assert Entry.objects.filter(negotiation_id=play.id, kind="offer.made").count() == 3


@pytest.fixture
async def lane(transactional_db: Any) -> AsyncIterator[Lane]:
    one = Lane(2)
    yield one
    one.close()
    await asyncio.to_thread(threads.stop)


async def test_what_was_remembered_ends_with_a_new_connection(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server behind a new connection may have lost the last commits; what is read there counts."""
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    play = await asyncio.to_thread(_in_thread, opened, "2000")
    # The first move opens the connection, so only the second one is remembered.
    assert code(await batcher.submit(offering(play, "host", 2950, "h0"))) == "ok"
    assert code(await batcher.submit(offering(play, "guest", 2050, "g0"))) == "ok"
    assert code(await batcher.submit(offering(play, "host", 2900, "h"))) == "ok"
    before = batcher._memory()
    assert play.id in before.records
    await asyncio.to_thread(_in_thread, _end, [one.pg.backend_pid for one in lane.sessions])
    other = await asyncio.to_thread(_in_thread, execute_one, offering(play, "guest", 2100, "g"), now=clock.now())
    assert code(other) == "ok"
    assert code(await batcher.submit(offering(play, "guest", 2200, "g2"))) == "offer.not_your_turn"
    assert code(await batcher.submit(offering(play, "host", 2800, "h2"))) == "ok"
    assert batcher._memory() is not before


async def test_a_move_elsewhere_is_forgotten_before_it_is_tried(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process or a thread published of a negotiation, by its topic; seen marks have no number and change nothing."""
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    records = batcher._memory().records
    records.update(dict.fromkeys((7, 8, 77)))
    items = [("negotiation:7", b"", 3, 0.0), ("negotiation:8", b"", None, 0.0), ("user:77", b"", 5, 0.0)]
    Live.receive_news(SimpleNamespace(), items)
    assert list(records) == [8, 77]


def _in_thread(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return fn(*args, **kwargs)
    finally:
        connection.close()


def _end(backends: list[int]) -> None:
    """Ends connections of the lane, as a server does that fails over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [backends])
