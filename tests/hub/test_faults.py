"""What breaks, and what holds: each fault against real server processes while people haggle.

After each of them every accepted negotiation has exactly one confirmed booking and the other way round, logs have no
holes, every acknowledged command was done once, every client ends with the full log, and no command hung.
"""

import asyncio
import os
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub.crowd import AGAIN, Person
from tests.hub.faults import asked_meanwhile, ended, haggle_in_two_tabs, hog, reconnect_thirty_times
from tests.hub.outages import processes_of, ready
from tests.hub.patience import until
from tests.hub.sluggard import Flood
from tests.hub.world import DRAIN_S, World

# Its tables are a copy of the other tests'; the tests here have a database of their own.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, rounds: Callable[[int, int], int]) -> Iterator[World]:
    # Not pytest's own directory: each further run of pytest closes that to PostgreSQL's user.
    whole = World(Path(tempfile.mkdtemp(prefix="world-", dir=os.environ["TEST_DIR"])), pairs=rounds(60, 1500))
    yield whole
    whole.stop()


def in_a_moment(chance: random.Random, most: float = 0.5) -> None:
    """The fault comes at any time."""
    threading.Event().wait(chance.uniform(0, most))


def test_a_hub_is_killed_amid_accepts(world, seeds):
    for seed in seeds:
        chance = random.Random(seed)

        def kill(chance: random.Random = chance) -> None:
            in_a_moment(chance)
            victim = chance.choice(world.hubs)
            victim.kill()
            world.retire(victim)
            world.start_hub()

        games = world.survive(kill, seed=seed)
        assert any(person.connections > 1 for game in games for person in (game.guest, game.host))


def test_the_broker_is_killed_and_comes_back(world, seeds):
    for seed in seeds:
        chance = random.Random(seed)

        def kill(chance: random.Random = chance) -> None:
            in_a_moment(chance)
            world.valkey.kill()
            in_a_moment(chance, 3)
            world.valkey.start()

        games = world.survive(kill, seed=seed)
        assert all(person.connections == 1 for game in games for person in (game.guest, game.host))


def test_a_broker_that_is_replaced_delivers_between_processes_within_ten_seconds(world):
    game = world.games(1, seed=72)[0]
    for number, person in enumerate((game.guest, game.host)):
        person.addresses = lambda number=number: [world.hubs[number].ws_url]

    async def play() -> float:
        await game.round()
        room = game.agreed[0]
        await game.move(game.host, "message.send", room, text="before")
        await game.guest.until(room, game.acknowledged[-1][1], within=10)
        world.valkey.kill()
        await game.move(game.host, "message.send", room, text="meanwhile")
        world.valkey.start()  # nothing of the old one is kept
        started = asyncio.get_running_loop().time()
        await game.move(game.host, "message.send", room, text="after")
        await game.guest.until(room, game.acknowledged[-1][1], within=20)
        took = asyncio.get_running_loop().time() - started
        for person in (game.guest, game.host):
            await person.drop()
        return took

    assert asyncio.run(play()) < 10
    world.check([game])
    assert game.guest.connections == game.host.connections == 1


def test_while_the_broker_is_down_people_connect_and_move(world):
    async def newcomers() -> None:
        game = world.games(1, seed=99)[0]
        await asyncio.wait_for(game.round(), 20)
        await game.guest.drop()
        await game.host.drop()

    def without() -> None:
        world.valkey.kill()
        try:
            asyncio.run(newcomers())
        finally:
            world.valkey.start()

    world.survive(without, seed=99)


def test_the_database_is_restarted(world, seeds):
    for seed in seeds:
        chance = random.Random(seed)

        def restart(chance: random.Random = chance) -> None:
            in_a_moment(chance)
            world.postgres.stop()
            in_a_moment(chance, 2)
            world.postgres.start()

        world.survive(restart, seed=seed)


def test_the_database_crashes(world, seeds):
    for seed in seeds:
        chance = random.Random(seed)

        def crash(chance: random.Random = chance) -> None:
            in_a_moment(chance)
            world.postgres.kill()
            world.postgres.start()

        world.survive(crash, seed=seed)


def test_after_the_database_came_back_no_move_is_refused(world):
    """A connection that died with the last server costs nobody a move."""
    seen: list[int] = []

    def refusals() -> int:
        return sum(p.seen_codes[code] for g in world.playing for p in (g.guest, g.host) for code in AGAIN)

    def crash() -> None:
        world.postgres.kill()
        world.postgres.start()
        until(lambda: all(ready(hub) == (200, []) for hub in world.hubs), 10)
        threading.Event().wait(0.3)  # for what was refused before
        seen.append(refusals())

    world.survive(crash, seed=70)
    assert refusals() == seen[0]


def test_a_database_that_says_nothing_leaves_nobody_without_an_answer(world):
    def hang() -> None:
        hub, silent = world.hubs[0], processes_of(world.postgres)
        for process in silent:
            process.suspend()
        try:
            asyncio.run(asked_meanwhile(hub))
        finally:
            for process in silent:
                process.resume()

    games = world.survive(hang, seed=71)
    assert all(person.connections == 1 for game in games for person in (game.guest, game.host))


def test_the_databases_connections_are_used_up(world, seeds):
    def use_up() -> None:
        hogs = hog(world)
        threading.Event().wait(2)
        for connection in hogs:
            connection.close()

    for seed in seeds:
        games = world.survive(use_up, seed=seed)
        assert sum((person.seen_codes["unavailable"] for g in games for person in (g.guest, g.host)), 0) > 0


def test_a_client_that_reconnects_thirty_times_amid_chatter(world, seeds):
    for seed in seeds:
        reconnect_thirty_times(world, seed)


def test_two_tabs_of_one_user_on_two_hubs_end_alike(world, seeds):
    for seed in seeds:
        haggle_in_two_tabs(world, seed)


def test_who_reads_too_slowly_is_cut_and_nobody_else_feels_it(world, seeds):
    for seed in seeds:
        flood = Flood(world, seed)
        asyncio.run(flood.play())
        world.check([flood.game, flood.elsewhere])
        flood.check()


def test_a_rolling_restart_under_load_loses_nothing(world):
    def roll() -> None:
        for old in tuple(world.hubs):
            world.retire(old)
            world.start_hub()
            assert old.stop() == 0

    world.survive(roll, seed=50)


def test_a_stopping_hub_says_goodbye_with_1012_over_some_time(world):
    hub = world.start_hub()
    world.retire(hub)
    game = world.games(1, seed=60)[0]
    tokens = [game.guest.token, game.host.token] * 3
    world_of_one = [Person(token, lambda: [hub.ws_url], seed=n) for n, token in enumerate(tokens)]

    async def watch() -> list[tuple[float, int | None]]:
        sockets = [await person.connected() for person in world_of_one]
        stopping = asyncio.create_task(asyncio.to_thread(hub.stop))
        started = asyncio.get_running_loop().time()
        closed = await asyncio.gather(*(ended(socket, started) for socket in sockets))
        assert await stopping == 0
        return closed

    closed = asyncio.run(watch())
    assert {code for _, code in closed} == {1012}
    moments = sorted(moment for moment, _ in closed)
    assert DRAIN_S / 2 < moments[-1] - moments[0] < DRAIN_S + 1
