"""Recognises entries of ours that come back in another site's calendar: an echo takes no nights.

An echo has the UID of our entry, or, where the other site gives it a UID of its own, exactly the nights of an entry that was
in our feed before the event was first seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from properties.rules.spans import Span

# For so long another site may go on showing an entry that has ended: it reads our feed a few times a day.
SHOWN_AFTER = timedelta(days=1)
OWN_UID = re.compile(r"(?:closed-(?P<home>[0-9]{1,19})-[0-9]{8}|(?P<entry>[0-9]{1,19}))@(?P<host>[^@]+)")


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """Nights that our feed held from `since` until `until`; None: it still holds them."""

    nights: Span
    since: datetime
    until: datetime | None = None

    def may_return(self, nights: Span, first_seen: datetime) -> bool:
        """Whether an event of these nights, first seen at that moment, is this entry coming back."""
        return (
            self.nights == nights
            and self.since < first_seen
            and (self.until is None or first_seen <= self.until + SHOWN_AFTER)
        )


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """What our feed of one home held: the ids of its entries, and their nights together with closed ones."""

    property_id: int
    host: str
    entry_ids: frozenset[int]
    entries: Sequence[OwnEntry]

    def is_own_uid(self, uid: str) -> bool:
        found = OWN_UID.fullmatch(uid.strip())
        if found is None or found["host"].casefold() != self.host.casefold():
            return False
        if found["home"]:
            return int(found["home"]) == self.property_id
        return int(found["entry"]) in self.entry_ids

    def is_echo(self, uid: str, nights: Span, first_seen: datetime) -> bool:
        """Whether an event of another site is one of ours."""
        return self.is_own_uid(uid) or any(entry.may_return(nights, first_seen) for entry in self.entries)


def entry_uid(entry_id: int, host: str) -> str:
    """The UID of an entry in our feed; it stays the same as long as the entry exists."""
    return f"{entry_id}@{host}"


def closure_uid(property_id: int, nights: Span, host: str) -> str:
    """The UID of closed nights in our feed."""
    return f"closed-{property_id}-{nights[0]:%Y%m%d}@{host}"
