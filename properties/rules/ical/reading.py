"""What is known of a file once it is understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class ForeignEvent:
    """One time of an event of another site: its UID there, and its nights here, half-open."""

    start: date
    end: date
    uid: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`count` VEVENTs were read; `events` are those that take nights from the home's today on, each of their times."""

    count: int
    events: tuple[ForeignEvent, ...]
