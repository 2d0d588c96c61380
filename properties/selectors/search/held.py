"""Searches of users with unpaid holds: a user's own hold does not hide a home from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from properties.rules.search import SearchQuery
from properties.selectors.calendar import own_holds


def seen_by(query: SearchQuery, user_id: int | None, now: datetime) -> SearchQuery:
    """`query` as that user asks it."""
    if user_id is None or query.check_in is None or query.check_out is None:
        return query
    slack = timedelta(query.flexible_days)
    held = own_holds(user_id, None, query.check_in - slack, query.check_out + slack, now)
    if not held:
        return query
    homes, entries = {home for home, _, _ in held}, [entry for _, _, entry in held]
    return replace(query, held_homes=tuple(sorted(homes)), held_entries=tuple(entries))
