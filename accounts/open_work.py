"""Collects the open work of the staff from all apps: each adds its lists in `ready()`.

A list is shown to those of the staff who have its permission.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OpenThing:
    """One line of open work: what it is, since when it waits, and the page where staff deal with it."""

    title: str
    since: datetime | None
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenList:
    """One kind of open work. `count(now)` is how many wait, `rows(now, limit)` those that wait longest."""

    name: str
    title: str
    permission: str
    count: Callable[[datetime], int]
    rows: Callable[[datetime, int], Sequence[OpenThing]]
    url: str


lists: dict[str, OpenList] = {}


def add(work: OpenList) -> None:
    """Adds a list, or puts it in place of the one of its name."""
    lists[work.name] = work
