"""The kinds of things that users can report: how to find one as its reporter sees it, and how to hide it.

The apps above add their kinds in `ready()`; a person is this app's own kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Report


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reported thing as it is at that moment: its id, its owner, its words."""

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
# (report, now): hides the thing; a repeat is harmless.
Remove = Callable[[Report, datetime], None]


@dataclass(frozen=True, slots=True)
class Reportable:
    """One kind of thing that can be reported. Without `remove` staff can only warn or close."""

    find: Find
    remove: Remove | None = None


kinds: dict[str, Reportable] = {}
