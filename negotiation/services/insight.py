"""The dashboard up to the last view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from properties.services.view_counts import store_views

T = TypeVar("T")


def insight_of(read: Callable[..., T], *, now: datetime, **asked: Any) -> T:
    """What `read` answers once all views so far are in the table. Raises what it raises."""
    store_views(now)
    return read(now=now, **asked)
