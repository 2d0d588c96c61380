"""Runs the clock's jobs: every job of a registry once, each on its own, so that a failing job stops no other.

Nothing depends on these for correctness, only for promptness. Any number of processes may run them at once: each job
leaves alone what another has locked.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock
from core.models import ClockJob
from core.server.probe import Probe

Job = Callable[[datetime], int]
# The clock's jobs: `job(now) -> how many it did`. Each does a bounded amount, and any number of them may run at once.
tick_jobs: dict[str, Job] = {}
daily_jobs: dict[str, Job] = {}
# Jobs of the tick that ask a neighbour, and which one: `asks["accounts.mails"] = "mail"`. A neighbour that hangs holds up
# only its own jobs.
asks: dict[str, str] = {}
OWN = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """Work beside the jobs, for what may wait for other servers. `module` is loaded only where a lane runs; it has
    `serve(stop)`, which works until the event is set, and `drain()`, which does what is due now and says how much."""

    module: str

    def serve(self, stop: threading.Event) -> None:
        """Works until `stop`, again after a failure."""
        while not stop.is_set():
            try:
                importlib.import_module(self.module).serve(stop)
            except Exception:
                log.exception("a lane of the clock failed", lane=self.module)
                stop.wait(LANE_PAUSE_S)

    def run_once(self, now: datetime) -> int:
        """Does what is due. Returns how much that was."""
        return int(importlib.import_module(self.module).drain())


@dataclass(frozen=True, slots=True)
class Portions:
    """A job that does at most `most` in one short transaction, and repeats that until it finds fewer or its time is over, because
    a day may bring more than one portion."""

    job: Job
    most: int

    def __call__(self, now: datetime) -> int:
        """Runs the portions. Returns how many rows it did in all."""
        ends, total = time.monotonic() + PORTIONS_S, 0
        while (did := self.job(now)) >= self.most and time.monotonic() < ends:
            total += did
        return total + did


lanes: dict[str, Lane] = {}
LANE_PAUSE_S = 5.0

log = structlog.get_logger(__name__)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAILY, DAILY_REST = "daily", "daily.rest"
# A daily job repeats its portions for so long; the rest waits for the next day.
PORTIONS_S = 600.0
METRICS_WAIT_S = 1.0

SECONDS = Histogram("hub_clock_job_seconds", "Time of one pass of a job of the clock", ("job",))
FAILURES = Counter("hub_clock_failures_total", "Passes of a job of the clock that failed", ("job",))


def neighbours() -> list[str]:
    """The names of the neighbours that jobs of the tick ask."""
    return sorted({asks[name] for name in tick_jobs if name in asks})


def run_tick() -> dict[str, int]:
    """Runs every tick job once, those that ask no neighbour first. Returns job → how many it did, without jobs that failed."""
    done: dict[str, int] = {}
    for neighbour in (OWN, *neighbours()):
        done |= run_tick_of(neighbour)
    return done


def run_tick_of(neighbour: str) -> dict[str, int]:
    """Runs the jobs that ask this neighbour once; "" for the jobs that ask none."""
    return _run({name: job for name, job in tick_jobs.items() if asks.get(name, OWN) == neighbour})


def run_lanes() -> dict[str, int]:
    """Does what is due in every lane. Returns lane → how much it did, without lanes that failed."""
    return _run({name: lane.run_once for name, lane in lanes.items()})


def serve_lanes(stop: threading.Event) -> list[threading.Thread]:
    """Starts a thread for every lane, which ends some seconds after `stop` is set. The threads do not keep a process alive."""
    threads = [
        threading.Thread(target=lane.serve, args=(stop,), name=name, daemon=True) for name, lane in lanes.items()
    ]
    for thread in threads:
        thread.start()
    return threads


def run_daily(names: Collection[str] | None = None) -> dict[str, int]:
    """Runs every daily job, or these, once, without a limit on the time of statements. Returns job → how many it did."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        return _run({name: job for name, job in daily_jobs.items() if names is None or name in names})
    finally:
        # The next user of this connection gets the limits with which every session starts.
        connection.close()


def run_daily_if_due() -> dict[str, int] | None:
    """As `run_daily`, where no process has run it for a day; None where one has.

    Jobs that have not ended an hour after a run began, since its process died or they failed, are run by the next process.
    """
    now = clock.now()
    if _claim(DAILY, DAY, now):
        return run_daily()
    left = _left_of_day(now)
    return run_daily(left) if left and _claim(DAILY_REST, HOUR, now) else None


def _left_of_day(now: datetime) -> list[str]:
    """The daily jobs that have not ended since the last run began, an hour ago or earlier."""
    ended = dict(ClockJob.objects.filter(name__in=[DAILY, *daily_jobs]).values_list("name", "ran_at"))
    began = ended[DAILY]
    if began > now - HOUR:
        return []
    return [name for name in daily_jobs if name not in ended or ended[name] < began]


def _claim(name: str, every: timedelta, now: datetime) -> bool:
    """Claims a run that comes once in that time; of several processes one gets it."""
    with transaction.atomic():
        row, made = ClockJob.objects.select_for_update().get_or_create(name=name, defaults={"ran_at": now})
        if not made and row.ran_at > now - every:
            return False
        row.ran_at = now
        row.save(update_fields=["ran_at"])
    return True


def _run(jobs: Mapping[str, Job]) -> dict[str, int]:
    done = {}
    for name, job in list(jobs.items()):
        did = _run_one(name, job)
        if did is not None:
            done[name] = did
    return done


def _run_one(name: str, job: Job) -> int | None:
    started = time.perf_counter()
    try:
        did = job(clock.now())
        _note(name, did=did)
        return did
    except Exception as error:
        log.exception("a job of the clock failed", job=name)
        FAILURES.labels(name).inc()
        if isinstance(error, (OperationalError, InterfaceError)):
            connection.close()
        _note_failure(name, error)
        return None
    finally:
        SECONDS.labels(name).observe(time.perf_counter() - started)


def _note(name: str, *, did: int) -> None:
    ClockJob.objects.update_or_create(name=name, defaults={"ran_at": clock.now(), "did": did})


def _note_failure(name: str, error: Exception) -> None:
    now = clock.now()
    seen = {"failed_at": now, "failure": f"{type(error).__name__}: {error}"[:300]}
    try:
        ClockJob.objects.update_or_create(name=name, defaults=seen, create_defaults=seen | {"ran_at": now - DAY})
    except (DatabaseError, InterfaceError):
        log.warning("the database does not answer", job=name)


def read_lags() -> dict[str, float]:
    """Tick job → seconds since it last ended, in any process."""
    rows = ClockJob.objects.filter(name__in=tick_jobs).values_list("name", "ran_at")
    return {name: max(0.0, (clock.now() - ran_at).total_seconds()) for name, ran_at in rows}


class ClockLag(Collector):
    """How long ago each tick job last ended, read for each request of metrics; without the database the other metrics remain."""

    def __init__(self) -> None:
        self.probe = Probe(read_lags, METRICS_WAIT_S)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        lag = GaugeMetricFamily("hub_clock_lag_seconds", "Since a job of the clock last ended", labels=["job"])
        for name, seconds in (self.probe.wait() or {}).items():
            lag.add_metric([name], seconds)
        yield lag

    def describe(self) -> list[GaugeMetricFamily]:
        """Describes no metric: otherwise the registry would read the database when the collector is registered."""
        return [GaugeMetricFamily("hub_clock_lag_seconds", "Since a job of the clock last ended", labels=["job"])]


def watch() -> None:
    """Adds the clock's lag to this process's metrics, once."""
    if "hub_clock_lag_seconds" not in REGISTRY._names_to_collectors:
        REGISTRY.register(ClockLag())
