"""When a refund that the gateway refused is tried again: the pauses grow, and the tries never stop."""

from __future__ import annotations

from datetime import timedelta

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)


def pause_after(tries: int) -> timedelta:
    """How long to wait after `tries` refusals, the first being 1."""
    return PAUSES[min(tries, len(PAUSES)) - 1]
