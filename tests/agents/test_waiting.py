"""A machine that waits: what wakes it, what ends its wait, and what it costs others."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from accounts.selectors.mandates import AgentIdentity
from accounts.services.mandates import lower_mandate, revoke_mandate
from core import clock
from core.errors import DomainError
from core.live import hub as hubs
from core.live.hub import hub
from negotiation.events import negotiation_topic, typing_frame
from negotiation.mcp import negotiations
from negotiation.mcp import waiting as waiting_tool
from negotiation.mcp.outputs import Entry, EntryData, Negotiation, NegotiationAnswer, Party
from negotiation.mcp.tool import Call, never
from negotiation.mcp.waits import MOST_WAITS, Waits, waits
from tests.agents.machine import ERAS, MODERN, Machine
from tests.factories.accounts import make_mandate, make_user
from tests.factories.agents import make_key
from tests.hub.metrics import metrics
from tests.hub.tabs import Tab
from tests.servers import UNLIMITED
from tests.waiting import until


@pytest.fixture
def pool():
    with ThreadPoolExecutor(40) as threads:
        yield threads


def waiting(server, count=1):
    """Comes back once so many machines wait in that process."""
    until(lambda: metrics(server.url).get("hub_mcp_waiting") == count)


@pytest.mark.parametrize("era", ERAS)
def test_a_persons_move_wakes_it(machine, play, server, pool, era):
    room = play.open()
    guest = machine(make_key(play.guest), era)
    call = pool.submit(guest.ask, "wait_for_change", negotiation=play.id, after_seq=room.seq)
    waiting(server)
    with Tab(server.ws_url, play.host) as host:
        host.welcome()
        host.call("offer.make", negotiation=play.id, amount="2900.00")
    news = call.result(20)
    assert [e["kind"] for e in news["entries"]] == ["offer.made"]
    assert "via" not in news["entries"][0]
    assert (news["negotiation"]["turn"], news["timed_out"]) == ("guest", False)


def test_a_move_in_another_process_wakes_it(serve, machine, play, pool):
    here, there = serve(**UNLIMITED), serve(1, **UNLIMITED)
    room = play.open()
    call = pool.submit(machine(make_key(play.guest)).ask, "wait_for_change", negotiation=play.id, after_seq=room.seq)
    waiting(here)
    with Machine(there.url, make_key(play.host)) as host:
        host.ask("list_negotiations")  # a process's first machine waits until what serves machines is loaded
        began = time.monotonic()
        host.ask("make_offer", negotiation=play.id, amount="2900.00")
        assert call.result(20)["entries"][0]["data"]["offer"]["amount"] == "2900.00"
    # By a wake-up, not by the look at the log each ten seconds that makes up for a lost one.
    assert time.monotonic() - began < 8


def test_what_is_there_already_comes_at_once(machine, play):
    play.open()
    answer = machine(make_key(play.guest)).ask("wait_for_change", negotiation=play.id)
    assert ([e["seq"] for e in answer["entries"]], answer["timed_out"]) == ([1, 2], False)


def test_a_move_between_the_two_reads_is_left_for_the_next_page(play, monkeypatch):
    """Otherwise its machine would know the entry, take the turn for the other side's, and wait for what has come."""
    room, read = play.open(), negotiations.list_entries
    me = replace(agent(1), user_id=play.guest.pk)

    def late(*args, **options):
        play.offer("host", "2900.00")
        return read(*args, **options)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(negotiations, "list_entries", late)
        first = negotiations.read_page(me, play.id, 0)
    assert ([e.seq for e in first.entries][-1], first.negotiation.turn) == (room.seq, "host")
    then = negotiations.read_page(me, play.id, room.seq)
    assert ([e.kind for e in then.entries], then.negotiation.turn) == (["offer.made"], "guest")


def test_its_time_runs_out(machine, play):
    room = play.open()
    guest = machine(make_key(play.guest))
    answer = guest.ask("wait_for_change", negotiation=play.id, after_seq=room.seq, seconds=0)
    assert (answer["timed_out"], answer["entries"], answer["negotiation"]["last_seq"]) == (True, [], room.seq)
    assert guest.refused("wait_for_change", negotiation=play.id, seconds=51).body["fields"]["seconds"]


def test_typing_and_presence_wake_nobody(machine, play, server, pool):
    room = play.open()
    call = pool.submit(
        machine(make_key(play.guest)).ask, "wait_for_change", negotiation=play.id, after_seq=room.seq, seconds=2
    )
    waiting(server)
    with Tab(server.ws_url, play.host) as host:
        host.welcome()
        host.call("negotiation.join", negotiation=play.id)
        host.call("typing.set", negotiation=play.id, typing=True)
        host.call("seen.mark", negotiation=play.id, seq=1)
    assert call.result(20)["timed_out"]


@pytest.mark.parametrize("how", ["revoked", "lowered", "expired"])
def test_a_mandate_that_ends_ends_the_wait(machine, play, server, pool, how):
    room = play.open()
    ends = timedelta(seconds=3) if how == "expired" else timedelta(days=1)
    mandate, key = make_mandate(play.guest, expires_at=clock.now() + ends)
    call = pool.submit(machine(key).refused, "wait_for_change", negotiation=play.id, after_seq=room.seq)
    waiting(server)
    which = {"mandate_id": mandate.pk, "user_id": play.guest.pk, "now": clock.now()}
    if how == "revoked":
        revoke_mandate(**which)
    if how == "lowered":
        lower_mandate(**which, changes={"may": ["read"]})
    assert call.result(10).code == "auth.required"
    if how != "lowered":
        assert machine(key).send("tools/list").status_code == 401


def test_a_client_that_hangs_up_leaves_nothing(play, server, machine):
    room = play.open()
    with Machine(server.url, make_key(play.guest)) as one:
        body, headers = one.request(
            "tools/call",
            {"name": "wait_for_change", "arguments": {"negotiation": play.id, "after_seq": room.seq}},
        )

        async def hang_up() -> None:
            async with httpx2.AsyncClient(headers=one.http.headers) as client:
                task = asyncio.create_task(client.post(one.address, content=body, headers=headers))
                await asyncio.to_thread(waiting, server)
                task.cancel()

        asyncio.run(hang_up())
    waiting(server, 0)


async def test_a_mandate_has_so_many_waits(settings):
    settings.RATE_LIMIT_FACTOR = 1
    places, one, other = Waits(), agent(1), agent(2)
    with ExitStack() as stack:
        for _ in range(MOST_WAITS):
            stack.enter_context(places.place(one))
        with pytest.raises(DomainError, match="rate_limited"):
            stack.enter_context(places.place(one))
        stack.enter_context(places.place(other))
    assert (places.all, places.by_mandate) == ({}, {})


def test_a_stop_answers_those_who_wait(play, serve, pool):
    """An ordinary answer, and the connection closed, so that the next call goes to another process."""
    server = serve(7, DRAIN_S="2", **UNLIMITED)
    room = play.open()
    with Machine(server.url, make_key(play.guest)) as guest:
        call = pool.submit(
            guest.send,
            "tools/call",
            {"name": "wait_for_change", "arguments": {"negotiation": play.id, "after_seq": room.seq}},
        )
        waiting(server)
        began = time.monotonic()
        assert server.stop() == 0
        answer = call.result(5)
    assert time.monotonic() - began < 15
    assert answer.json()["result"]["structuredContent"]["timed_out"] is True
    assert answer.headers["connection"] == "close"


async def test_nothing_is_asked_of_the_database_meanwhile(monkeypatch, settings):
    """One look before it waits, and one when it is woken; the hub's own look at all its topics is for lost wake-ups."""
    settings.RATE_LIMIT_FACTOR = 1
    looks: list[str] = []

    async def look(*_: object) -> Any:
        looks.append("look")
        return negotiation_page(entries=len(looks) > 1)

    monkeypatch.setattr(waiting_tool, "run_in_db", look)
    call = Call(agent=agent(1), arguments={"negotiation": 5, "after_seq": 2}, base="", gone=never)
    here = hub()
    try:
        task = asyncio.create_task(waiting_tool.wait_for_change(call))
        for _ in range(10):
            await asyncio.sleep(0)
        assert looks == ["look"]
        here.topics.deliver(negotiation_topic(5), typing_frame(5, "host", True), None)
        await asyncio.sleep(0)
        assert waits.all
        here.topics.deliver(negotiation_topic(5), b'{"type":"entry","seq":3}', 3)
        answer = await asyncio.wait_for(task, 10)
        assert (looks, answer.timed_out, here.topics.logs) == (["look", "look"], False, {})
    finally:
        await hubs.stop()


def agent(mandate_id: int) -> AgentIdentity:
    return AgentIdentity(
        mandate_id=mandate_id, version=1, user_id=7, side="guest", may=frozenset(["read"]), currency="BDT",
        expires_at=clock.now() + timedelta(days=1), name="Robo", user_name="Rahim", is_host=False,
    )  # fmt: skip


def negotiation_page(*, entries: bool) -> Any:
    """What is read of a negotiation, as far as the waiting tool looks at it."""
    negotiation = Negotiation.model_construct(last_seq=2, guest=Party(id=7, name="R"), host=Party(id=8, name="H"))
    log = [Entry(seq=3, at="", kind="offer.expired", actor="system", data=EntryData())] if entries else []
    return NegotiationAnswer.model_construct(negotiation=negotiation, entries=log, more=False)


def test_strangers_and_the_other_side_are_told_nothing(machine, play):
    play.open()
    for user, side in ((make_user(), "guest"), (play.guest, "host"), (play.host, "guest")):
        one = machine(make_key(user, side=side), MODERN)
        for tool in ("wait_for_change", "get_negotiation"):
            assert one.refused(tool, negotiation=play.id).code == "not_found"
