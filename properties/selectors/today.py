"""Dates as they are at a property."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from properties.models import Property


def today_at(row: Property, now: datetime) -> date:
    """The property's local date."""
    return now.astimezone(ZoneInfo(row.timezone)).date()
