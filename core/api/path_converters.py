"""Path converters. Import this module where a path uses one."""

from __future__ import annotations

from django.urls import register_converter


class IdConverter:
    """An id that fits the database; anything else is a path that does not exist."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "id")
