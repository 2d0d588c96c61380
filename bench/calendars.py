"""How many calendars of other sites one lane reads a second, and whether its memory stays flat.

    python -m bench.calendars                       2,000 calendars on a PostgreSQL of its own, six passes
    python -m bench.calendars --calendars 20000 --passes 3

A server on loopback gives each calendar a file of 40 events. In the first pass every file is understood and its nights
written; then most are unchanged: a third answers 304, a third sends the same file again, a third has one event more. One
server in a hundred hangs, and costs its place in the lane for ten seconds. Goal: 100,000 calendars in 15 minutes are 111 a
second, shared by as many lanes as it takes.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.search import settle
from core.local.embedded import Postgres

EVENTS = 40
HANGS_ONE_IN = 100
SETTINGS = {"shared_buffers": "256MB", "fsync": "on", "max_wal_size": "2GB"}


def body(number: int, turn: int) -> bytes:
    """The file of calendar `number`; every third has an event more at each pass."""
    today = date.today() + timedelta(2)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bench//EN"]
    for n in range(EVENTS + (turn if number % 3 == 2 else 0)):
        start = today + timedelta(days=(n * 9 + number) % 700)
        lines += [
            "BEGIN:VEVENT", f"UID:{number}-{n}@bench.example", "DTSTAMP:20261101T000000Z", f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
            f"DTEND;VALUE=DATE:{start + timedelta(3):%Y%m%d}", "SUMMARY:Reserved", "DESCRIPTION:Invented", "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def serve(port: Any, turn: Any) -> None:
    """Another site, in a process of its own."""
    from aiohttp import web

    async def answer(request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        if number % HANGS_ONE_IN == HANGS_ONE_IN - 1:
            await asyncio.sleep(30)
        if number % 3 == 0 and request.headers.get("If-None-Match") == '"same"':
            return web.Response(status=304)
        return web.Response(body=body(number, turn.value), headers={"ETag": '"same"'} if number % 3 == 0 else {})

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{number}.ics", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    asyncio.run(run())


def grow(number: int, port: int) -> None:
    """So many homes with a calendar each."""
    from accounts.models import User
    from core import clock
    from properties.models import ImportedCalendar, Property

    host = User.objects.create(username="bench", email="bench@example.com", is_host=True)
    homes = Property.objects.bulk_create(
        (Property(host=host, title="Home", price=1, status="unlisted") for _ in range(number)), batch_size=1000
    )
    ImportedCalendar.objects.bulk_create(
        (
            ImportedCalendar(property=row, name="Bench", url=f"http://127.0.0.1:{port}/{n}.ics", due_at=clock.now())
            for n, row in enumerate(homes)
        ),
        batch_size=1000,
    )


def resident(pid: int | str = "self") -> float:
    """Megabytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu() -> float:
    """Seconds of this process and of those that it had files understood by; without the database and the other site."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def one_pass(number: int) -> tuple[float, int, int]:
    """All calendars once: seconds until the last that answers was read, how many were read, how many failed."""
    from core import clock
    from properties.importing.lane import Lane
    from properties.models import ImportedCalendar

    now = clock.now()
    ImportedCalendar.objects.update(due_at=now)
    stop, lane = threading.Event(), Lane()
    worker = threading.Thread(target=lambda: asyncio.run(lane.run(stop)))
    began = time.perf_counter()
    worker.start()
    wanted = number - number // HANGS_ONE_IN
    while lane.read < wanted and time.perf_counter() - began < 900:
        time.sleep(0.02)
    took = time.perf_counter() - began
    stop.set()
    worker.join()
    return took, lane.read, ImportedCalendar.objects.filter(status="failing").count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calendars", type=int, default=2000)
    parser.add_argument("--passes", type=int, default=6)
    args = parser.parse_args()
    os.environ |= {"CALENDAR_EVERY_S": "86400", "LOG_LEVEL": "ERROR"}
    port, turn = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    site = multiprocessing.Process(target=serve, args=(port, turn), daemon=True)
    site.start()
    while not port.value:
        time.sleep(0.05)
    os.environ["CALENDAR_ALLOW_HOSTS"] = f"127.0.0.1:{port.value}"
    with tempfile.TemporaryDirectory(prefix="staynest-calendars-") as directory:
        Path(directory).chmod(0o711)
        postgres = Postgres(Path(directory) / "pg", SETTINGS)
        postgres.start()
        try:
            settle(postgres.url())
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
            grow(args.calendars, port.value)
            print("pass                     read  hanging  seconds  a second  CPU ms a read  lane MB", flush=True)
            for number in range(args.passes):
                turn.value = number
                began = cpu()
                took, read, failing = one_pass(args.calendars)
                spent = (cpu() - began) * 1000 / read
                what = "every file is new" if number == 0 else "two thirds unchanged"
                print(
                    f"{what:<22} {read:6} {failing:8} {took:8.1f} {read / took:9.0f} {spent:14.1f} {resident():8.0f}",
                    flush=True,
                )
        finally:
            postgres.stop()
            site.terminate()


if __name__ == "__main__":
    sys.exit(main())
