"""Nights in which a property is open. Windows of a property never overlap nor touch: neighbours are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from properties.models import Property, Window
from properties.rules.spans import Span, joined, span_of
from properties.selectors.today import today_at


def open_windows(row: Property, dates: Sequence[dict[str, Any]], *, always_open: bool, now: datetime) -> None:
    """Replaces a locked property's windows; what lies in the past is dropped.

    Without dates and with `always_open` it is open on every day; with dates that have all passed, on none.
    """
    today = today_at(row, now)
    spans = [(max(span["start_date"], today), span["end_date"]) for span in dates]
    row.always_open = always_open and not dates
    write_windows(row, joined(spans))


def write_windows(row: Property, spans: Iterable[Span]) -> None:
    """Replaces a property's windows; the caller has locked it."""
    row.windows.all().delete()
    Window.objects.bulk_create(Window(property=row, nights=DateRange(start, end)) for start, end in spans)


def windows_of(row: Property) -> list[tuple[date, date]]:
    """A property's windows, half-open."""
    return [span_of(window.nights) for window in row.windows.all()]
