"""How long one search takes in the database: dates, a box and two filters, at 1,000 homes and at 100,000.

    python -m bench.search                          both sizes on a PostgreSQL of its own
    python -m bench.search --homes 20000 --rounds 50

The boxes are chosen so that as many homes lie in them at either size. Goals: p95 below 50 ms at 100,000 homes with
1,000,000 stays, and at most twice the p95 at 1,000.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.embedded import Postgres

SMALL = 1000
STAYS_A_HOME = 10
IN_BOX = 350
COUNTRY = (88.3, 21.5, 92.3, 26.0)
SETTINGS = {"shared_buffers": "512MB", "fsync": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}


def settle(url: str) -> None:
    """The environment Django reads, on this database."""
    os.environ |= {
        "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "bench-" + "x" * 50, "HTTPS": "0",
        "ALLOWED_HOSTS": "localhost", "ENV_FILE": os.devnull, "STATEMENT_TIMEOUT_MS": "0",
        "DJANGO_SETTINGS_MODULE": "core.settings",
    }  # fmt: skip
    import django

    django.setup()


def grow(homes: int, more: int) -> None:
    """So many homes more, and their stays."""
    from django.core.management import call_command
    from django.db import connection

    call_command("seed_bench", properties=more, stays=more * STAYS_A_HOME)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{homes} homes", file=sys.stderr)


def queries(homes: int, rounds: int) -> list[Any]:
    """The same searches every time: a week or less, a box with as many homes, guests and one filter more."""
    from core import clock
    from properties.rules.search import SearchQuery, boxes_between

    dice = random.Random(11)
    west, south, east, north = COUNTRY
    share = min(0.95, (IN_BOX / homes) ** 0.5)
    width, height = (east - west) * share, (north - south) * share
    today = clock.now().date()
    made = []
    for _ in range(rounds):
        x, y = dice.uniform(west, east - width), dice.uniform(south, north - height)
        start = today + timedelta(days=dice.randrange(5, 150))
        more = dice.choice([{"amenities": ("wifi",)}, {"max_price": Decimal(12_000)}, {"negotiable": True}])
        made.append(
            SearchQuery(
                boxes=tuple(boxes_between(x, y, x + width, y + height)), guests=2, check_in=start,
                check_out=start + timedelta(days=dice.randrange(2, 8)), **more,
            )
        )  # fmt: skip
    return made


def measure(homes: int, rounds: int) -> dict[str, float]:
    """Milliseconds of a search (p50, p95) and the mean number of homes found."""
    from core import clock
    from properties.selectors.search.results import find

    now = clock.now()
    asked = queries(homes, rounds)
    for query in asked[:20]:
        find(query, now)
    took, found = [], []
    for query in asked:
        began = time.perf_counter()
        found.append(len(find(query, now)))
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=20)
    return {"p50": statistics.median(took), "p95": cuts[18], "found": statistics.mean(found)}


def explain(homes: int) -> None:
    """Prints the plan of one such search."""
    from django.db import connection

    from core import clock
    from properties.selectors.search.sql import build

    text, params = build(queries(homes, 1)[0], clock.now())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS) {text}", params)
        print("\n".join(line for (line,) in cursor.fetchall()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--explain", action="store_true", help="print a plan at either size")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="staynest-search-") as directory:
        Path(directory).chmod(0o711)
        postgres = Postgres(Path(directory) / "pg", SETTINGS)
        postgres.start()
        try:
            settle(postgres.url())
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
            rows = []
            for homes, more in ((SMALL, SMALL), (args.homes, args.homes - SMALL)):
                grow(homes, more)
                rows.append((homes, measure(homes, args.rounds)))
                if args.explain:
                    explain(homes)
            print("homes      p50 ms   p95 ms   found")
            for homes, figures in rows:
                print(f"{homes:<9} {figures['p50']:8.1f} {figures['p95']:8.1f} {figures['found']:7.1f}")
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
