"""A world whose database is two machines: a primary, and a standby that every commit waits for."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg2

from core.local.embedded import Postgres, postgres_bin
from tests.hub.crowd import Game
from tests.hub.patience import until
from tests.hub.world import World

PAY_S = 60


class PayingGame(Game):
    """A guest who pays for what was agreed, by REST, under one key until the answer says what became of it."""

    hub_url = ""
    answers: list[int]

    async def round(self) -> None:
        """And the payment of what it came to."""
        await super().round()
        room = self.agreed[-1]
        headers = {"Authorization": f"Token {self.guest.token}", "Idempotency-Key": uuid.uuid4().hex}
        body = {"method": "card", "token": "tok_ok"}
        async with httpx.AsyncClient(base_url=self.hub_url, timeout=15, headers=headers) as client:
            details = await self.until_answered(client, "GET", f"/api/nego/negotiation_details/{room}/", None)
            booking = details["negotiation"]["booking"]
            await self.until_answered(client, "POST", f"/api/booking/{booking}/payment/", body)

    async def until_answered(self, client: httpx.AsyncClient, method: str, path: str, body: Any) -> dict[str, Any]:
        """The first answer that is not a 503; each of those came within the hub's time."""
        for _ in range(PAY_S):
            answer = await client.request(method, path, json=body)
            assert answer.elapsed.total_seconds() < 11, "a request has an end"
            if answer.status_code != 503:
                assert answer.status_code < 400, answer.text
                found: dict[str, Any] = answer.json()
                return found
        raise AssertionError("no answer but 503")


def standby_of(primary: str, data: Path, settings: dict[str, str]) -> Postgres:
    """A running standby of the server whose sockets lie in `primary`, with the same `settings`."""
    standby = Postgres(data, settings)
    data.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0:
        standby.become_nobody()
    copy: list[str | Path] = [postgres_bin() / "pg_basebackup", "-D", data, "-h", primary, "-U", "postgres"]
    copy += ["-R", "-X", "stream", "-c", "fast"]
    subprocess.run(copy, check=True, cwd="/", **standby.identity)
    for lock in data.glob(".s.PGSQL.*"):  # the copied server's own
        lock.unlink()
    standby.start()
    return standby


class WorldOfTwo(World):
    """`postgres` is the server that takes writes; `promote` makes the other one take its place."""

    game = PayingGame

    def start_database(self) -> str:
        primary = self.postgres
        primary.start()
        self.standby = standby_of(str(primary.sockets), Path(primary.data).with_name("standby"), primary.settings)
        self.wait_for_each_other()
        hosts = ",".join(quote(str(one.sockets), safe="") for one in (primary, self.standby))
        return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def wait_for_each_other(self) -> None:
        """No commit is acknowledged before the standby has it."""
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            self.tell(self.postgres, statement)
        until(lambda: self.ask("SELECT sync_state FROM pg_stat_replication") == [("sync",)], 30)

    def tell(self, server: Postgres, statement: str) -> None:
        connection = psycopg2.connect(server.url())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def promote(self) -> None:
        """What Patroni or a managed service does once it knows that the primary is gone for good."""
        self.postgres, dead = self.standby, self.postgres
        self.standby = dead
        self.tell(self.postgres, "SELECT pg_promote()")

    def games(self, count: int, seed: int) -> list[Game]:
        games = super().games(count, seed)
        for game in games:
            assert isinstance(game, PayingGame)
            game.hub_url = self.hubs[seed % 2].url
        return games
