"""Every door of the product, read from the URL table itself: none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from core.server import health

# Django's own pages of the staff; tests/permissions/staff.py has a table of what each role may do in them.
STAFF = "admin/"


def routes() -> Iterator[str]:
    """Every path of the product as `api/property/<property_id>/`, the health checks with them."""
    yield from (path.lstrip("/") for path in health.VIEWS)
    yield from _below("", get_resolver().url_patterns)


def _below(start: str, patterns: list[Any]) -> Iterator[str]:
    for one in patterns:
        path = start + plain(one.pattern)
        if path == STAFF or isinstance(one, URLPattern):
            yield path
        elif isinstance(one, URLResolver):
            yield from _below(path, one.url_patterns)


def plain(pattern: Any) -> str:
    """A route without converters and expressions, only the names of its parts."""
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern))
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(pattern)).strip("^$").replace("\\", "")


def parts(route: str) -> list[str]:
    """The names of the parts that vary."""
    return re.findall(r"<(\w+)>", route)


def fill(route: str, values: dict[str, Any]) -> str:
    """The path of a route with these values in it."""
    return "/" + re.sub(r"<(\w+)>", lambda found: str(values[found[1]]), route)
