"""The result of parsing a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class ForeignEvent:
    """One occurrence of an event of another site: its UID there, and its nights here, half-open."""

    start: date
    end: date
    uid: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The number of VEVENTs (`count`), and the occurrences that take nights from the home's today on (`events`)."""

    count: int
    events: tuple[ForeignEvent, ...]
