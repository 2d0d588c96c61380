"""Scales limits by the setting RATE_LIMIT_FACTOR: one rule for every limit that is a count."""

from __future__ import annotations


def scaled(count: float, factor: float) -> int:
    """`count` times `factor`, rounded down, but at least 1: a limit of 0 would forbid the thing itself."""
    return max(1, int(count * factor))
