"""Values: dataclasses whose fields nothing changes after they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Makes a class a dataclass of values with slots. The type checker refuses each change of a field.

    Python's own `frozen=True` refuses it while the program runs, too. Each field is then set by a function call, so that a value
    takes three times as long to make, and a move makes a dozen values.
    """

    def made(cls: type[T]) -> type[T]:
        found: Any = dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)(cls)
        return found

    return made
