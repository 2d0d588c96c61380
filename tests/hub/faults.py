"""What is asked while a part is away, and people who reconnect, double and read too slowly."""

import asyncio

import httpx
import psycopg2

from tests.hub.crowd import Person
from tests.hub.world import World
from tests.servers import ServerProcess


async def asked_meanwhile(hub: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=hub.url, timeout=20) as client:
        loop = asyncio.get_running_loop()
        started = loop.time()
        waiting = [asyncio.create_task(client.get("/api/properties/search/")) for _ in range(20)]
        writing = asyncio.create_task(client.post("/auth/login/", json={"username": "x", "password": "y"}))
        there = await client.get("/readyz/")
        assert (there.status_code, there.json()["down"]) == (503, ["database"])
        assert (await client.get("/healthz/")).status_code == 200
        assert not any(search.done() for search in waiting), "both are answered while searches wait for the database"
        answers = await asyncio.gather(*waiting)
        # After nine seconds; the rest is a slow machine's.
        assert loop.time() - started < 15
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "unavailable")}
        assert (await writing).json()["code"] in ("unavailable", "command.outcome_unknown")
        at_once = await client.get("/api/properties/search/")
        assert (at_once.status_code, at_once.elapsed.total_seconds() < 5) == (503, True)
        assert int(at_once.headers["retry-after"]) > 0


def hog(world: World) -> list[object]:
    """Ends all connections of the hubs and takes every one there is."""
    hogs = [psycopg2.connect(world.postgres.url())]
    hogs[0].autocommit = True
    for _ in range(20):
        with hogs[0].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'staynest'")
        try:
            while True:
                hogs.append(psycopg2.connect(world.postgres.url()))
        except psycopg2.OperationalError:
            continue
    return hogs


def reconnect_thirty_times(world: World, seed: int) -> None:
    game = world.games(1, seed=seed)[0]

    async def break_off(person: Person) -> None:
        for _ in range(30):
            await person.connected()
            await asyncio.sleep(person.chance.uniform(0, 0.1))
            await person.drop()

    async def play() -> None:
        breaking = asyncio.create_task(break_off(game.guest))
        while not breaking.done():
            await game.round()
        await breaking
        await world.complete(game)
        await game.guest.drop()
        await game.host.drop()

    asyncio.run(play())
    world.check([game])
    assert game.guest.connections >= 30


def haggle_in_two_tabs(world: World, seed: int) -> None:
    game = world.games(1, seed=seed)[0]
    second = Person(game.guest.token, lambda: [world.hubs[1].ws_url], seed=seed + 1)
    game.guest.addresses = lambda: [world.hubs[0].ws_url]

    async def play() -> None:
        await game.round()
        id = game.agreed[0]
        second.topics.add(id)
        await second.connected()
        await game.move(game.host, "message.send", id, text="See you")
        last = game.acknowledged[-1][1]
        for person in (game.guest, second):
            await person.until(id, last, within=30)
        for person in (game.guest, game.host, second):
            await person.drop()

    asyncio.run(play())
    assert second.log == game.guest.log
    assert second.notifications <= game.guest.notifications


async def ended(socket, started: float) -> tuple[float, int | None]:
    await socket.wait_closed()
    return asyncio.get_running_loop().time() - started, socket.close_code
