"""Runs the hub on its own PostgreSQL and Valkey, beside pgbench with the statements of one offer, and prints a table.

    bin/bench                                   everything, 3 rounds
    bin/bench --rounds 1 haggle:seconds=4       one scenario, with a setting of it
    bin/bench --processes 2 haggle              two server processes that share database and broker
    bin/bench --processes 2 --share 0.3 haggle  with three tenths of a core for each of them
    bin/bench --wsgi rest                       REST beside the same views under a WSGI server
    bin/bench --grown 1000000 haggle            also on a log of so many negotiations, ten entries each

A scenario that its pairs can't play to the end (bench/fits.py) is refused before anything starts.

PostgreSQL keeps its default durability (fsync and synchronous_commit on). All processes share this machine's cores, so only
ratios within one run mean anything.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import spread, table
from bench.fits import FRESH, check
from bench.share import shares
from core.local.embedded import Postgres, Valkey, postgres_bin

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ["haggle", "push:rate=100,slot=4", "push:rate=400,slot=5", "accept", "rivals", "idle", "reconnect", "rest"]
PG_SETTINGS = {"max_wal_size": "4GB", "checkpoint_timeout": "30min", "shared_buffers": "512MB"}
LIMIT_CLIENTS = 16
SEED, GROW = ROOT / "bench/limit/seed.sql", ROOT / "bench/limit/grow.sql"


class Bench:
    """The services, the seeded template database, and the rows measured so far."""

    def __init__(self, args: argparse.Namespace, directory: Path) -> None:
        self.args = args
        self.postgres = Postgres(directory / "pg", PG_SETTINGS)
        self.valkey = Valkey(directory / "valkey")
        self.seed = directory / "pairs.json"
        self.directory = directory
        self.rows: list[dict[str, Any]] = []

    def prepare(self) -> None:
        """Makes a template database with the pairs."""
        self.psql("postgres", "CREATE DATABASE seed")
        self.manage("migrate", "--no-input")
        self.manage("seed_bench", "--pairs", str(self.args.pairs), "--json", str(self.seed))
        if self.args.properties:
            self.manage(
                "seed_bench", "--properties", str(self.args.properties), "--stays", str(10 * self.args.properties)
            )

    def environment(self, database: str) -> dict[str, str]:
        """Returns the environment of a server process."""
        return {
            **os.environ,
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.valkey.url(),
            "SECRET_KEY": "only-for-the-bench-" + "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "RATE_LIMIT_FACTOR": "1000000",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "core.settings",
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(self.directory / "data"),
            "STATEMENT_TIMEOUT_MS": "0" if database == "seed" else "8000",
        }

    def manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment("seed"),
            check=True,
            stdout=sys.stderr,
        )

    def psql(self, database: str, sql: str) -> str:
        command = [postgres_bin() / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", self.postgres.url(database)]
        return subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout

    def fresh(self) -> None:
        """Makes a copy of the template, so that every round starts from the same rows."""
        self.psql("postgres", "DROP DATABASE IF EXISTS run WITH (FORCE)")
        self.psql("postgres", "CREATE DATABASE run TEMPLATE seed")
        self.psql("postgres", "CHECKPOINT")

    @contextlib.contextmanager
    def servers(self, command: list[str], count: int, database: str) -> Iterator[list[tuple[int, int]]]:
        """Starts server processes for the block; yields (port, pid) of each."""
        started = []
        try:
            for _ in range(count):
                port = free_port()
                filled = [part.format(port=port) for part in command]
                log = (self.directory / "server.log").open("ab")
                process = subprocess.Popen(filled, cwd=ROOT, env=self.environment(database), stdout=log, stderr=log)
                log.close()
                started.append((port, process))
            for port, process in started:
                wait_for(port, process)
            yield [(port, process.pid) for port, process in started]
        finally:
            for _, process in started:
                process.terminate()
            for _, process in started:
                process.wait(30)

    def measure(
        self, target: str, command: list[str], scenarios: list[str], round: int, count: int = 1, database: str = ""
    ) -> None:
        """Runs a load generator against fresh server processes, on a fresh database or on the one named."""
        if not database:
            self.fresh()
        with (
            self.servers(command, count, database or "run") as servers,
            shares([pid for _, pid in servers], self.args.share),
        ):
            watch = {"server": servers[0][1], "postgres": self.pid(self.postgres), "valkey": self.pid(self.valkey)}
            arguments = [
                *(f"--url=ws://127.0.0.1:{port}/ws/" for port, _ in servers),
                *(f"--watch={name}={pid}" for name, pid in watch.items()),
            ]
            load = [sys.executable, "-m", "bench.load", str(self.seed), *scenarios, *arguments]
            for line in subprocess.run(load, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines():
                self.record({"round": round, "target": target, **json.loads(line)})

    def limit(self, round: int) -> None:
        """Runs the statements of one offer with pgbench, by so many clients."""
        self.fresh()
        self.psql("run", SEED.read_text())
        least, most = self.psql("run", "SELECT min(id), max(id) FROM negotiation_negotiation").strip().split("|")
        command = [
            postgres_bin() / "pgbench", "-n", "-M", "prepared", "-c", str(LIMIT_CLIENTS), "-j", "2", "-T", "5",
            "-D", f"least={least}", "-D", f"most={most}", "-f", ROOT / "bench/limit/offer.sql", self.postgres.url("run"),
        ]  # fmt: skip
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        tps = re.search(r"tps = ([\d.]+)", out)
        self.record(
            {"round": round, "target": "pgbench", "scenario": "haggle", "offers_s": float(tps[1] if tps else 0)}
        )

    def grow(self) -> None:
        """Makes a database with many ended negotiations. Rounds use it without copying, as each adds next to nothing."""
        self.psql("postgres", "CREATE DATABASE grown TEMPLATE seed")
        self.psql("grown", f"\\set grown {self.args.grown}\n{GROW.read_text()}")

    def record(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        print(json.dumps(row), flush=True)

    @staticmethod
    def pid(service: Postgres | Valkey) -> int:
        return service.process.pid if service.process else 0

    def report(self) -> str:
        """Returns the table: median (least-most) over the rounds for the hub and the others, and ratios within each round."""
        keys: dict[tuple[str, str], None] = {}
        for row in self.rows:
            keys |= {(row["scenario"], name): None for name, v in row.items() if isinstance(v, int | float)}
        targets = list(dict.fromkeys(row["target"] for row in self.rows))
        body = []
        for scenario, name in keys:
            if name not in ("round", "gaps"):
                body.append(
                    [f"{scenario} {name}", *(self.cell(t, scenario, name) for t in targets), self.ratio(scenario, name)]
                )
        return table(["median (least-most)", *targets, "hub ÷ other"], body)

    def values(self, target: str, scenario: str, name: str) -> dict[int, float]:
        rows = [r for r in self.rows if r["target"] == target and r["scenario"] == scenario and r.get(name) is not None]
        return {row["round"]: float(row[name]) for row in rows}

    def cell(self, target: str, scenario: str, name: str) -> str:
        return spread(list(self.values(target, scenario, name).values()), 2 if "_per_" in name else 1)

    def ratio(self, scenario: str, name: str) -> str:
        hub = self.values("hub", scenario, name)
        others = [t for t in dict.fromkeys(r["target"] for r in self.rows) if t != "hub"]
        found = [
            spread([hub[n] / other[n] for n in hub if other.get(n)], 2)
            for t in others
            if (other := self.values(t, scenario, name))
        ]
        return ", ".join(found) or "-"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until the server answers, at most 30 s. Raises SystemExit where it does not."""
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit("the server did not come up in 30 s")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=DEFAULT)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=2500)
    parser.add_argument("--properties", type=int, default=0, help="further homes, each with ten taken stays")
    parser.add_argument("--processes", type=int, default=1, help="also the hub on so many processes")
    parser.add_argument("--share", type=float, default=0, help="the part of a core that each server process has")
    parser.add_argument("--wsgi", action="store_true", help="also the same views under gunicorn's threads")
    parser.add_argument(
        "--grown", type=int, default=0, help="also on a log of so many ended negotiations, ten entries each"
    )
    return parser.parse_args()


def main() -> None:
    args = arguments()
    try:
        check(args.scenarios, args.pairs)
    except ValueError as error:
        raise SystemExit(f"bin/bench: {error}") from None
    serve = ["bin/serve", "--port", "{port}"]
    wsgi = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--threads", os.environ.get("HTTP_THREADS", "8"),
            "--keep-alive", "60", "django.core.wsgi:get_wsgi_application()"]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="staynest-bench-") as name:
        Path(name).chmod(0o711)
        bench = Bench(args, Path(name))
        bench.postgres.start()
        bench.valkey.start()
        try:
            bench.prepare()
            if args.grown:
                bench.grow()
            for round in range(args.rounds):
                rounds(bench, args, serve, wsgi, round)
        finally:
            bench.valkey.stop()
            bench.postgres.stop()
        print(f"\n{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, {args.rounds} rounds\n\n{bench.report()}")


def rounds(bench: Bench, args: argparse.Namespace, serve: list[str], wsgi: list[str], round: int) -> None:
    """Runs one round of everything that was asked for, one target after the other."""
    shared = [s for s in args.scenarios if s.split(":")[0] not in FRESH]
    for scenarios in ([shared] if shared else []) + [[s] for s in args.scenarios if s.split(":")[0] in FRESH]:
        bench.measure("hub", serve, scenarios, round)
        if args.grown:
            bench.psql("grown", "CHECKPOINT")
            bench.measure(f"hub, {args.grown:,} grown", serve, scenarios, round, database="grown")
        if args.processes > 1:
            bench.measure(f"hub x {args.processes}", serve, scenarios, round, args.processes)
        if args.wsgi and (rest := [s for s in scenarios if s.startswith("rest")]):
            bench.measure("WSGI", wsgi, rest, round)
    if any(s.startswith("haggle") for s in args.scenarios) and not args.grown:
        bench.limit(round)


if __name__ == "__main__":
    main()
