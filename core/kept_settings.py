"""Keeps what is made of settings: Django looks each setting up by a Python function, and a move needs a dozen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

from django.core.signals import setting_changed

P = ParamSpec("P")
T = TypeVar("T")


def kept(read: Callable[P, T]) -> Callable[P, T]:
    """Calls `read` once for the same arguments, and again after a setting was changed, as tests do."""
    known: Any = cache(read)

    def forget(**_: Any) -> None:
        known.cache_clear()

    setting_changed.connect(forget, weak=False)
    made: Callable[P, T] = known
    return made
