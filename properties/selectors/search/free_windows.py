"""What is left of homes' windows: nights that are open and not taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from core.database.compiled_queries import CompiledQuery, OneOf, Slot
from properties.models import CalendarEntry
from properties.rules.spans import Span, span_of, within, without
from properties.rules.terms import MAX_DAYS_AHEAD, PropertyTerms, local_today
from properties.selectors.steps import show_spans

_TAKEN = CompiledQuery(
    lambda: CalendarEntry.objects.filter(
        Q(held_until=None) | Q(held_until__gt=Slot("now")),
        OneOf("property_id", Slot("ids")),
        nights__overlap=Slot("span"),
    ).values_list("property_id", "nights")
)


def first_window(windows: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    """The first of a home's free windows; None where the home is always open, or has no free night left."""
    return windows[0] if windows else None


def free_windows(homes: Any, now: datetime) -> dict[int, list[dict[str, Any]] | None]:
    """For each home its windows from today on without taken nights; None where it is always open."""
    windowed: list[PropertyTerms] = [terms for terms in homes if not terms.always_open]
    taken = _taken([terms.id for terms in windowed], now)
    free: dict[int, list[dict[str, Any]] | None] = {terms.id: None for terms in homes}
    for terms in windowed:
        today = local_today(terms, now)
        free[terms.id] = show_spans(without(within(terms.windows, today, date.max), taken.get(terms.id, [])))
    return free


def _taken(ids: Sequence[int], now: datetime) -> dict[int, list[Span]]:
    """The taken nights of these homes, from yesterday to as far ahead as can be booked."""
    today = now.date()
    span = DateRange(date.fromordinal(today.toordinal() - 1), date.fromordinal(today.toordinal() + MAX_DAYS_AHEAD * 2))
    taken: dict[int, list[Span]] = {}
    for property_id, nights in _TAKEN(now=now, ids=list(ids), span=span) if ids else ():
        taken.setdefault(property_id, []).append(span_of(nights))
    return taken
