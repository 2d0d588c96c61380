"""Measures how many calendars of other sites one lane reads a second, and whether its memory stays flat.

    python -m bench.calendars                       2,000 calendars on a PostgreSQL of its own, six passes
    python -m bench.calendars --calendars 20000 --passes 3
    python -m bench.calendars --calendars 100000 --minutes 6 --lanes 2
                                                an ordinary day: due spread over a quarter of an hour, read by two lanes

A server on loopback gives each calendar a file of 40 events. The first pass parses every file and writes its nights. Later
most are unchanged: a third answers 304, a third sends the same file again, a third has one event more. One server in a
hundred hangs, and occupies its place in the lane for ten seconds. With `--minutes` all were read before, are due spread over
15 minutes, and change once in a hundred readings, as calendars do. The goal of 100,000 calendars in 15 minutes means 111 a
second, shared by as many lanes as that takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.database import own_database

EVENTS = 40
HANGS_ONE_IN = 100
# With `--minutes`, a calendar has one more event in one of this many readings.
CHANGES_ONE_IN = 100
EVERY_S = 900
SETTINGS = {"shared_buffers": "256MB", "fsync": "on", "max_wal_size": "2GB"}


def body(number: int, turn: int) -> bytes:
    """Returns the file of calendar `number`. Every third calendar has one more event at each pass."""
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
    """Runs another site, in a process of its own."""
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


def grow(number: int, port: int, *, is_known: bool) -> None:
    """Adds `number` homes with a calendar each: new ones, due now, or known ones, read over the last 15 minutes."""
    from accounts.models import User
    from properties.models import ImportedCalendar, Property

    host = User.objects.create(username="bench", email="bench@example.com", is_host=True)
    homes = Property.objects.bulk_create(
        (Property(host=host, title="Home", price=1, status="unlisted") for _ in range(number)), batch_size=1000
    )
    calendar = known if is_known else new
    ImportedCalendar.objects.bulk_create(
        (calendar(n, number, row, f"http://127.0.0.1:{port}/{n}.ics") for n, row in enumerate(homes)), batch_size=1000
    )


def new(n: int, number: int, row: Any, url: str) -> Any:
    """Returns a calendar that was just added."""
    from core import clock
    from properties.models import ImportedCalendar

    return ImportedCalendar(property=row, name="Bench", url=url, due_at=clock.now())


def known(n: int, number: int, row: Any, url: str) -> Any:
    """Returns a calendar that was read in the last 15 minutes, with the tag or the hash of its content from then."""
    from core import clock
    from properties.models import ImportedCalendar
    from properties.services.calendar_readings import Due, place_of

    now, etag = clock.now(), '"same"' if n % 3 == 0 else ""
    due_at = now + timedelta(seconds=EVERY_S * (n * 7919 % number) / number)
    digest = b""
    if n % CHANGES_ONE_IN != 1:
        digest = Due(n + 1, row.pk, place_of(row, now), now, now, url, None, etag, "", b"").digest_of(body(n, 0))
    return ImportedCalendar(
        pk=n + 1, property=row, name="Bench", url=url, status="good", etag=etag, digest=digest, event_count=EVENTS,
        last_read_at=due_at - timedelta(seconds=EVERY_S), due_at=due_at,
    )  # fmt: skip


def read_for(seconds: float, told: Any) -> None:
    """Runs one lane, in a process of its own; reports each half minute how many it read, its CPU and its memory."""
    import django

    django.setup()
    from properties.importing.lane import Lane

    stop, lane, began = threading.Event(), Lane(), time.perf_counter()
    worker = threading.Thread(target=lambda: asyncio.run(lane.run(stop)))
    worker.start()
    before = cpu()
    while (passed := time.perf_counter() - began) < seconds:
        time.sleep(min(30.0, seconds - passed))
        told.put((os.getpid(), lane.read, cpu() - before, resident()))
    stop.set()
    worker.join()


def every_day(minutes: float, lanes: int) -> None:
    """Runs so many lanes for some minutes of an ordinary day; prints a line each half minute, and the claiming query's plan."""
    from django.db import connection

    from core import clock
    from properties.models import ImportedCalendar

    connection.close()
    told: Any = multiprocessing.get_context("spawn").Queue()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=read_for, args=(minutes * 60, told)) for _ in range(lanes)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    print("   second     read  a second  CPU ms a read  overdue  lanes MB", flush=True)
    before = (0.0, 0, 0.0)
    for _ in range(max(1, round(minutes * 2))):
        lines = [told.get(timeout=90) for _ in workers]
        second, read, spent = time.perf_counter() - began, sum(one[1] for one in lines), sum(one[2] for one in lines)
        overdue = ImportedCalendar.objects.filter(due_at__lte=clock.now()).count()
        new = read - before[1]
        each, rate = (spent - before[2]) * 1000 / max(1, new), new / (second - before[0])
        memory = ", ".join(f"{one[3]:.0f}" for one in sorted(lines))
        print(f"{second:9.0f} {read:8} {rate:9.0f} {each:14.1f} {overdue:8}  {memory}", flush=True)
        before = (second, read, spent)
    for worker in workers:
        worker.join(60)
    print_claim()


def print_claim() -> None:
    """Prints the plan of the query that claims calendars, on the whole table."""
    from django.db import connection, transaction

    from core import clock
    from properties.models import ImportedCalendar

    due = ImportedCalendar.objects.select_related("property__host").filter(due_at__lte=clock.now()).order_by("due_at")
    with transaction.atomic(), connection.cursor() as cursor:
        text, params = due.select_for_update(no_key=True, skip_locked=True, of=("self",))[:50].query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", params)
        [(plan,)] = cursor.fetchall()
    found = (plan if isinstance(plan, list) else json.loads(plan))[0]
    print(f"claiming 50: planned {found['Planning Time']:.1f} ms, run {found['Execution Time']:.1f} ms", flush=True)
    step = found["Plan"]
    while step:
        print(
            f"  {step['Node Type']} {step.get('Index Name', step.get('Relation Name', ''))}: {step['Actual Rows']} rows"
        )
        step = (step.get("Plans") or [None])[0]


def resident(pid: int | str = "self") -> float:
    """Returns the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu() -> float:
    """Returns the CPU seconds of this process and its parsing processes, without the database and the other site."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def one_pass(number: int) -> tuple[float, int, int]:
    """Reads all calendars once. Returns the seconds until the last answering one was read, how many were read, and failed."""
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
    parser.add_argument("--minutes", type=float, default=0, help="instead of passes: as every day, for so long")
    parser.add_argument("--lanes", type=int, default=1, help="with --minutes: processes that read")
    args = parser.parse_args()
    os.environ |= {"CALENDAR_EVERY_S": str(EVERY_S) if args.minutes else "86400", "LOG_LEVEL": "ERROR"}
    port, turn = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    site = multiprocessing.Process(target=serve, args=(port, turn), daemon=True)
    site.start()
    while not port.value:
        time.sleep(0.05)
    os.environ["CALENDAR_ALLOW_HOSTS"] = f"127.0.0.1:{port.value}"
    try:
        with own_database("calendars", SETTINGS):
            grow(args.calendars, port.value, is_known=args.minutes > 0)
            if args.minutes:
                every_day(args.minutes, args.lanes)
                return
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
        site.terminate()


if __name__ == "__main__":
    sys.exit(main())
