"""Which table of time zones counts: the pinned package `tzdata`, whatever the machine and PostgreSQL carry.

There are three tables: Python's zoneinfo prefers the system's to the package's, and PostgreSQL has its own. Zones change
their rules every year, and the three are updated at different times. Python computes every instant of a wall time
(core/clock.py) and every local date; SQL gets the zones in which it is tomorrow or yesterday. So one table decides. Where
PostgreSQL's differs, a system check says so, for operators who query the tables by hand.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path

import structlog
import tzdata  # type: ignore[import-untyped]  # data, with one constant
from django.db import connection

log = structlog.get_logger(__name__)

SYSTEM = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
# How far ahead the tables are compared: as far as stays are booked.
MONTHS = 25

# The local time at an instant in each zone that PostgreSQL knows.
_POSTGRES = """
SELECT z.name, (to_timestamp(m.at) AT TIME ZONE z.name)::text
  FROM unnest(%s::text[]) AS z(name) CROSS JOIN unnest(%s::float8[]) AS m(at)
 WHERE z.name IN (SELECT name FROM pg_timezone_names)
"""


def use_package() -> None:
    """Has zoneinfo read the package alone."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()


# PostgreSQL's version, once it is known: its table of zones has no version of its own.
_postgresql: list[str] = []


def versions() -> dict[str, str]:
    """The version of the package (the table that counts), of the system's table, and of PostgreSQL ("" until it answered)."""
    return {"tzdata": tzdata.IANA_VERSION, "system": _system(), "postgresql": "".join(_postgresql[:1])}


def zones_off_greenwich(now: datetime) -> tuple[list[str], list[str]]:
    """The zones whose date is already that of tomorrow in UTC, and those whose date is still yesterday's."""
    ahead, behind = _off_greenwich(int(now.timestamp()) // 60)
    return list(ahead), list(behind)


@lru_cache(maxsize=8)
def _off_greenwich(minute: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same for a minute, within which no zone's date changes."""
    now = datetime.fromtimestamp(minute * 60, UTC)
    dates = {name: now.astimezone(zoneinfo.ZoneInfo(name)).date() for name in sorted(zoneinfo.available_timezones())}
    here = now.date()
    return tuple(n for n, d in dates.items() if d > here), tuple(n for n, d in dates.items() if d < here)


def note_postgresql() -> None:
    """Asks PostgreSQL for its version and logs all three, the first time that it answers in this process."""
    if _postgresql:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        _postgresql.append(str(cursor.fetchone()[0]))
    log.info("timezones", **versions())


@cache
def _system() -> str:
    for place in SYSTEM:
        for name in ("tzdata.zi", "+VERSION"):
            try:
                first = (Path(place) / name).read_text(encoding="ascii").split("\n", 1)[0]
            except (OSError, UnicodeDecodeError):
                continue
            return first.removeprefix("# version ").strip()
    return "none"


def differing_zones(now: datetime) -> list[str]:
    """The zones in which PostgreSQL's clocks show another hour than the package's, at any month's start from now on."""
    names = sorted(zoneinfo.available_timezones())
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [start + timedelta(days=30 * n) for n in range(MONTHS)]
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES, [names, [moment.timestamp() for moment in moments]])
        theirs = {(name, text) for name, text in cursor.fetchall()}
    known = {name for name, _ in theirs}
    ours = {(name, _hands(name, moment)) for name in known for moment in moments}
    return sorted({name for name, _ in ours ^ theirs})


def _hands(zone: str, moment: datetime) -> str:
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
