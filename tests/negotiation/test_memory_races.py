"""Processes that each remember the same negotiation move at the same moment, and a connection that ends in between."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from core import clock
from core.database import lane as lanes
from core.database import plain
from core.database.errors import OutcomeUnknown
from core.database.lane import Lane
from negotiation.engine.executor import carry_out
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
    return plain.run(carry_out([move], now=clock.now(), memory=lambda: memory))[0]


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


async def test_what_was_remembered_ends_with_a_new_connection(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server behind a new connection may have lost the last commits; what is read there counts, also for the first move."""
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    play = await asyncio.to_thread(_in_thread, opened, "2000")
    for side, amount in (("host", 2950), ("guest", 2050), ("host", 2900)):
        assert code(await batcher.submit(offering(play, side, amount, f"{side}{amount}"))) == "ok"
    before = batcher._memory()
    assert before is not None
    assert play.id in before.records
    # What this process remembers is of a history that the server lost: there, the last entry is another one.
    before.records[play.id].haggle = replace(before.records[play.id].haggle, last_bid=Decimal(2890))
    await _end(lane)
    assert code(await batcher.submit(offering(play, "guest", 2100, "g"))) == "ok"
    assert batcher._memory() is not before
    await asyncio.to_thread(_in_thread, check_world)


async def test_a_connection_that_had_died_at_rest_costs_a_remembered_move_nothing(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its only trip carries COMMIT, so its outcome would be unknown; it is looked up by its command's id, and done once."""
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    play = await asyncio.to_thread(_in_thread, opened, "2000")
    for side, amount in (("host", 2950), ("guest", 2050)):
        assert code(await batcher.submit(offering(play, side, amount, f"{side}{amount}"))) == "ok"
    [session] = lane.sessions
    lane.loop.remove_reader(session.socket)  # the loop does not hear of the end
    await _end(lane)
    lane.loop.add_reader(session.socket, session.receive)
    told = await batcher.submit(offering(play, "host", 2900, "h"))
    assert code(told) == "ok"
    kinds = await asyncio.to_thread(_in_thread, play.kinds)
    assert kinds.count("offer.made") == 4


async def test_an_unknown_outcome_is_not_remembered(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    play = await asyncio.to_thread(_in_thread, opened, "2000")
    for side, amount in (("host", 2950), ("guest", 2050)):
        assert code(await batcher.submit(offering(play, side, amount, f"{side}{amount}"))) == "ok"

    async def lost(*args: Any) -> Any:
        raise OutcomeUnknown("gone")

    monkeypatch.setattr(lanes, "_travel", lost)
    told = await batcher.submit(offering(play, "host", 2900, "h"))
    assert code(told) == "command.outcome_unknown"
    memory = batcher._memory()
    assert memory is not None
    assert not memory.records


async def test_a_move_elsewhere_is_forgotten_before_it_is_tried(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process or a thread published of a negotiation, by its topic; seen marks have no number and change nothing."""
    monkeypatch.setattr(batcher, "lane", lambda: lane)
    memory = batcher._memory()
    assert memory is not None
    records: dict[int, Any] = memory.records
    records.update(dict.fromkeys((7, 8, 77)))
    items = [("negotiation:7", b"", 3, 0.0), ("negotiation:8", b"", None, 0.0), ("user:77", b"", 5, 0.0)]
    Live.receive_news(SimpleNamespace(), items)
    assert list(records) == [8, 77]


def _in_thread(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return fn(*args, **kwargs)
    finally:
        connection.close()


async def _end(lane: Lane) -> None:
    """Ends the connections of the lane, as a server does that fails over."""
    backends = [one.pg.backend_pid for one in lane.sessions]
    await asyncio.to_thread(_in_thread, _terminate, backends)


def _terminate(backends: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [backends])
