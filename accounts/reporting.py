"""What can be reported, by kind: how to find it as its reporter sees it, and how to take it out of sight.

The floors above add theirs in `ready()`; a person is this floor's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Report


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is reported, as it is at that moment: its number, whose it is, its words."""

    subject_id: int
    about_id: int
    title: str
    text: str = ""
    seq: int | None = None
    details: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"title": self.title, "text": self.text, **(self.details or {})}


# (id as given, reporter's id, now) -> what it is. Raises `not_found` for what the reporter can't see.
Find = Callable[[str, int, datetime], Evidence]
# (report, now): takes it out of sight; harmless twice.
Remove = Callable[[Report, datetime], None]


@dataclass(frozen=True, slots=True)
class Reportable:
    """One kind of thing that can be reported. Without `remove` staff can only warn or close."""

    find: Find
    remove: Remove | None = None


kinds: dict[str, Reportable] = {}
