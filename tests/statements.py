"""The prepared statements that modules hold: by themselves, in tables, or two for a row and for many."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from core.database.prepared_statements import Prepared
from negotiation.engine.write_sql import Write


def prepared_of(module: ModuleType) -> Iterator[Prepared]:
    """Each of the module's."""
    for value in vars(module).values():
        yield from _found(value)


def _found(value: Any) -> Iterator[Prepared]:
    if isinstance(value, Prepared):
        yield value
    elif isinstance(value, Write):
        yield from (value.one, value.many)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _found(one)
