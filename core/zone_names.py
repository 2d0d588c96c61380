"""Names of time zones, each in one spelling: browsers, calendars and people still write those of before."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable


def one_spelling(name: str) -> str:
    """`Asia/Calcutta` as `Asia/Kolkata`: the name that the time zone database has in use; others as they are.

    A name that zone.tab lists is in use, also where its rules are another zone's by now (Europe/Amsterdam).
    """
    return _spellings().get(name, name)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Every name out of use and the one in use, from the links of the tz database (tzdata.zi, zone.tab)."""
    data = files("tzdata") / "zoneinfo"
    listed = {row.split("\t")[2] for row in _lines(data / "zone.tab")}
    links = [row.split()[1:3] for row in _lines(data / "tzdata.zi") if row.startswith("L ")]
    return {old: target for target, old in links if old not in listed and target in listed}


def _lines(path: Traversable) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
