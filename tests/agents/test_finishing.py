"""A move that was begun is finished, whatever becomes of the call that asked for it."""

import asyncio

import pytest

from core.errors import Code, DomainError
from negotiation.engine.outcomes import Answer, Outcome
from negotiation.mcp import moves
from negotiation.mcp.tool import Call, never
from tests.agents.test_waiting import agent


@pytest.fixture
def slow(monkeypatch):
    """The engine, which takes until `go` is set, and what it did."""
    go, done = asyncio.Event(), []

    async def submit(move):
        await go.wait()
        done.append(move.kind)
        return Outcome(kind=move.kind, answer=Answer(negotiation=1, seq=3))

    monkeypatch.setattr(moves, "submit", submit)
    return go, done


def call(**arguments):
    return Call(agent=agent(1), arguments=arguments, base="", gone=never)


async def test_a_call_that_is_cancelled_leaves_its_move_to_run(slow):
    go, done = slow
    task = asyncio.create_task(moves.move(call(negotiation=1, text="x", command_id="a"), "message.send"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(moves.running), done) == (1, [])
    go.set()
    await moves.let_moves_finish()
    assert (len(moves.running), done) == (0, ["message.send"])


async def test_a_refusal_nobody_waits_for_is_looked_at(monkeypatch):
    async def refuse(move):
        await asyncio.sleep(0)
        raise DomainError(Code.UNAVAILABLE)

    monkeypatch.setattr(moves, "submit", refuse)
    task = asyncio.create_task(moves.move(call(negotiation=1, text="x"), "message.send"))
    await asyncio.sleep(0)
    task.cancel()
    await moves.let_moves_finish()
    assert not moves.running


async def test_the_mandate_is_the_moves_own(slow, monkeypatch):
    go, _ = slow
    go.set()
    asked = []
    read = moves.read_move
    monkeypatch.setattr(moves, "read_move", lambda *a, **k: asked.append(k) or read(*a, **k))
    await moves.move(call(negotiation=1, text="x", command_id="k"), "message.send")
    assert asked == [{"actor_id": 7, "key": "k", "mandate_id": 1}]
