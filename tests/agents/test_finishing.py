"""A move that was begun is finished, whatever becomes of the call that asked for it."""

import asyncio
import contextlib

import httpx2
import psycopg2
import pytest
from django.db import transaction

from bookings.models import Booking
from core.errors import Code, DomainError
from negotiation.engine.outcomes import Answer, Outcome
from negotiation.mcp import moves
from negotiation.mcp.tool import Call, never
from properties.models import Property
from tests.agents.machine import Machine
from tests.agents.test_waiting import agent
from tests.factories.agents import make_key
from tests.servers import database_url
from tests.waiting import until


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


def test_an_accept_whose_client_hangs_up_is_a_booking_all_the_same(server, play):
    """The home is locked by somebody else until the client has gone: the move was begun, and ends as it would have."""
    room = play.open()
    with Machine(server.url, make_key(play.host)) as host:
        arguments = {"negotiation": play.id, "offer": play.standing(), "command_id": "yes"}
        database = database_url()
        body, headers = host.request("tools/call", {"name": "accept_offer", "arguments": arguments})

        async def hang_up() -> None:
            async with httpx2.AsyncClient(headers=host.http.headers) as client:
                task = asyncio.create_task(client.post(host.address, content=body, headers=headers))
                await asyncio.to_thread(until, lambda: waits_for_a_lock(database))
                task.cancel()

        with transaction.atomic():
            Property.objects.select_for_update().get(pk=play.home.pk)
            asyncio.run(hang_up())
        until(lambda: Booking.objects.filter(status="confirmed").exists())
        again = host.ask("accept_offer", **arguments)
    assert (again["booking"]["id"], again["seq"]) == (Booking.objects.get().pk, room.seq + 1)


def waits_for_a_lock(database: str) -> bool:
    """Whether a server process waits for a row that this test holds; asked over another connection, from another thread."""
    with contextlib.closing(psycopg2.connect(database)) as asking, asking.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
