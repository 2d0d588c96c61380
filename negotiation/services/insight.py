"""Brings insight up to date with the latest views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from properties.services.view_counts import store_views

T = TypeVar("T")


def insight_of(read: Callable[..., T], *, now: datetime, **asked: Any) -> T:
    """Stores all views so far, then calls `read`. Raises what `read` raises."""
    store_views(now)
    return read(now=now, **asked)
