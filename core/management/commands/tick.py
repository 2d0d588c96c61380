"""manage.py tick: runs the clock's jobs once; with --every for ever, each neighbour's jobs in a thread of their own."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from functools import partial
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from core.jobs import (
    DAILY,
    OWN,
    neighbours,
    run_daily_if_due,
    run_lanes,
    run_tick,
    run_tick_of,
    serve_lanes,
)
from core.server.health import clock_ahead

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Does what is due: expires, cancels unpaid, settles payments, sends what waits. Any number may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every",
            type=float,
            metavar="S",
            help="a pass every S seconds until stopped, and the daily pass once a day",
        )

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.report(run_tick() | run_lanes())
            return
        stop = threading.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: stop.set())
        for name in (*neighbours(), DAILY):
            work = partial(self.go_on, name, stop, every)
            threading.Thread(target=work, name=f"clock-{name}", daemon=True).start()
        lanes = serve_lanes(stop)
        self.go_on(OWN, stop, every)
        for lane in lanes:
            lane.join()

    def go_on(self, name: str, stop: threading.Event, every: float) -> None:
        """Round after round of one neighbour's jobs, or of those that ask none, or of the daily ones."""
        while not stop.is_set():
            self.round(name)
            stop.wait(max(every, 0.1))
        connection.close()

    def round(self, name: str) -> None:
        """A database that does not answer is tried again in the next round."""
        close_old_connections()
        try:
            if name == OWN:
                clock_ahead()  # this process goes by the database's clock
            self.report((run_daily_if_due() or {}) if name == DAILY else run_tick_of(name))
        except Error as error:
            log.warning("the clock could not run", of=name, error=str(error))
            connection.close()

    def report(self, done: dict[str, int]) -> None:
        for name, count in done.items():
            if count:
                self.stdout.write(f"{name}: {count}")
