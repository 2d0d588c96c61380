"""A database, a broker and server processes that a test may break, apart from those of the other tests."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2

from core.local.embedded import Postgres, Valkey, postgres_bin
from tests.hub.crowd import ANSWER_S, Game, Person
from tests.hub.patience import until
from tests.servers import ROOT, ServerProcess, database_url

# What survives a crash of PostgreSQL must; a crash of the machine is not played here.
CRASH_SAFE = {"fsync": "off", "full_page_writes": "off", "max_connections": "60"}
DRAIN_S = 2
# Of a hub's sockets, in the kernel: a slow reader is the hub's own matter after a little, not after megabytes.
SEND_BUFFER = 65_536

BROKEN_PROMISES = {
    "an agreement without exactly one confirmed booking": """
        SELECT n.id FROM negotiation_negotiation n LEFT JOIN bookings_booking b
        ON b.id = n.booking_id AND b.negotiation_id = n.id AND b.status = 'confirmed'
        WHERE n.status = 'accepted' AND b.id IS NULL""",
    "a booking of a negotiation that was not accepted with it": """
        SELECT b.id FROM bookings_booking b LEFT JOIN negotiation_negotiation n
        ON n.id = b.negotiation_id AND n.booking_id = b.id AND n.status = 'accepted'
        WHERE b.negotiation_id IS NOT NULL AND n.id IS NULL""",
    "a stay whose nights are not taken": """
        SELECT b.id FROM bookings_booking b WHERE b.status = 'confirmed' AND NOT EXISTS
        (SELECT FROM properties_calendarentry c WHERE c.property_id = b.property_id AND c.kind = 'stay'
         AND c.nights = daterange(b.start_date, b.end_date))""",
    "a log with a hole": """
        SELECT n.id FROM negotiation_negotiation n LEFT JOIN negotiation_entry e ON e.negotiation_id = n.id
        GROUP BY n.id HAVING count(e.seq) <> n.last_seq OR max(e.seq) <> n.last_seq OR min(e.seq) <> 1""",
    "an agreement without its entry": """
        SELECT n.id FROM negotiation_negotiation n WHERE n.status = 'accepted' AND 1 <>
        (SELECT count(*) FROM negotiation_entry e WHERE e.negotiation_id = n.id AND e.kind = 'offer.accepted')""",
}


class World:
    """Everything of its own; `hubs` are the server processes that run now, two at first."""

    def __init__(self, directory: Path, pairs: int = 60) -> None:
        directory.chmod(0o711)
        # Where rows are looked up, by the tests themselves.
        self.postgres = Postgres(directory / "pg", CRASH_SAFE)
        self.valkey = Valkey(directory / "valkey")
        self.playing: list[Game] = []
        self.valkey.start()
        self.environment = {
            "DATABASE_URL": self.start_database(),
            "REDIS_URL": self.valkey.url(),
            "CHANNEL_PREFIX": "world",
            "RATE_LIMIT_FACTOR": "1000000",
            "DRAIN_S": str(DRAIN_S),
        }
        self.copy_tables()
        seeds = directory / "pairs.json"
        seeding = self.manage("seed_bench", "--pairs", str(pairs), "--json", str(seeds))
        self.hubs = [self.hub(wait=False) for _ in range(2)]
        assert seeding.wait(300) == 0
        self.pairs: list[dict[str, Any]] = json.loads(seeds.read_text())["pairs"]
        for hub in self.hubs:
            hub.wait_for_it()

    def start_database(self) -> str:
        """Starts what the servers use; its address."""
        self.postgres.start()
        return self.postgres.url()

    def copy_tables(self) -> None:
        """As the migrations made them for the other tests: a second run of them takes many seconds."""
        dump = subprocess.run([postgres_bin() / "pg_dump", database_url()], check=True, stdout=subprocess.PIPE).stdout
        restore = [postgres_bin() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.postgres.url()]
        subprocess.run(restore, check=True, input=dump, stdout=subprocess.DEVNULL)

    def manage(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def hub(self, *, wait: bool = True) -> ServerProcess:
        return ServerProcess(wait=wait, send_buffer=SEND_BUFFER, **self.environment)

    def start_hub(self) -> ServerProcess:
        self.hubs.append(self.hub())
        return self.hubs[-1]

    def retire(self, hub: ServerProcess) -> None:
        """No new client goes there."""
        self.hubs.remove(hub)

    def addresses(self) -> list[str]:
        return [hub.ws_url for hub in self.hubs]

    def stop(self) -> None:
        for hub in self.hubs:
            hub.kill()
        self.postgres.stop()
        self.valkey.stop()

    def ask(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with psycopg2.connect(self.postgres.url()) as connection, connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
        connection.close()
        return rows

    # -- a test --------------------------------------------------------------------------------------------------------

    game = Game

    def games(self, count: int, seed: int) -> list[Game]:
        """Pairs that have not been used yet."""
        taken, self.pairs = self.pairs[:count], self.pairs[count:]
        return [
            self.game(
                Person(pair["guest_token"], self.addresses, seed * 1000 + 2 * number),
                Person(pair["host_token"], self.addresses, seed * 1000 + 2 * number + 1),
                pair["property"], float(pair["nightly"]), seed,
            )
            for number, pair in enumerate(taken)
        ]  # fmt: skip

    def survive(self, fault: Callable[[], None], *, seed: int, count: int = 4) -> list[Game]:
        """Games go on before, during and after the fault; then every promise is checked.

        The fault happens in this thread: a process dies with the thread that started it.
        """
        games, warm, broken = self.games(count, seed), threading.Event(), threading.Event()
        self.playing = games
        with ThreadPoolExecutor(1) as players:
            played = players.submit(lambda: asyncio.run(self.run(games, warm, broken)))
            try:
                until(lambda: warm.is_set() or played.done(), timeout=120)
                fault()
            finally:
                broken.set()
            played.result()
        self.check(games)
        return games

    async def run(self, games: list[Game], warm: threading.Event, broken: threading.Event) -> None:
        ended = asyncio.Event()
        playing = [asyncio.create_task(game.play(lambda: not ended.is_set())) for game in games]
        try:
            await self.all_agreed(games, playing, 1)
            warm.set()
            await asyncio.to_thread(broken.wait)
            # Nobody restarts anything by hand: the games go on by themselves.
            await self.all_agreed(games, playing, 1 + max(len(game.agreed) for game in games))
        finally:
            ended.set()
            await asyncio.wait_for(asyncio.gather(*playing), 120)
        await asyncio.gather(*(self.complete(game) for game in games))
        for game in games:
            for person in (game.guest, game.host):
                await person.drop()

    async def all_agreed(self, games: list[Game], playing: list[asyncio.Task[None]], rounds: int) -> None:
        async with asyncio.timeout(120):
            while any(len(game.agreed) < rounds for game in games):
                failed = [task for task in playing if task.done()]
                if failed:
                    await failed[0]
                async with games[0].guest.news:
                    try:
                        await asyncio.wait_for(games[0].guest.news.wait(), 0.2)
                    except TimeoutError:
                        continue

    async def complete(self, game: Game) -> None:
        """Both sides end with the full log, without joining again unless their connection broke."""
        for (id,) in self.ask("SELECT id FROM negotiation_negotiation WHERE property_id = %s", game.property):
            last = self.ask("SELECT last_seq FROM negotiation_negotiation WHERE id = %s", id)[0][0]
            for person in (game.guest, game.host):
                await person.until(id, last, within=35)

    def check(self, games: list[Game]) -> None:
        for promise, sql in BROKEN_PROMISES.items():
            assert not self.ask(sql), promise
        for game in games:
            self.check_acknowledged(game)
            assert max(game.guest.slowest, game.host.slowest) < ANSWER_S, "a command hung"

    def check_acknowledged(self, game: Game) -> None:
        """Each command that was acknowledged was done, and done once."""
        rows = self.ask(
            "SELECT e.negotiation_id, e.seq, e.kind FROM negotiation_entry e JOIN negotiation_negotiation n"
            " ON n.id = e.negotiation_id WHERE n.property_id = %s", game.property,
        )  # fmt: skip
        kinds = {(id, seq): kind for id, seq, kind in rows}
        past = {"message.send": "message.sent", "offer.make": "offer.made", "offer.accept": "offer.accepted"}
        assert all(kinds[id, seq] == past[type] for id, seq, type in game.acknowledged)
        for id in game.agreed:
            assert sum(k == "message.sent" for (n, _), k in kinds.items() if n == id) == game.messages[id]
            assert sum(k == "offer.made" for (n, _), k in kinds.items() if n == id) == game.offers[id]
        for person in (game.guest, game.host):
            told = {(id, seq): entry["kind"] for id, log in person.log.items() for seq, entry in log.items()}
            assert told == {key: kind for key, kind in kinds.items() if key[0] in person.log}
