"""Lists over REST: bare arrays, newest first, with the next page in the `Link` header."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.http import urlencode
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import IdField, WholeField
from core.api.serializers import PlainSerializer

DEFAULT = 50
MOST = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for: at most `limit` rows, with an id below `before`."""

    limit: int
    before: int | None


class PageQuery(PlainSerializer):
    """`?limit=` and `?cursor=`."""

    limit = WholeField(least=1, most=MOST, required=False)
    cursor = IdField(required=False)


def read_page(request: Request) -> Page:
    """`?limit=` (50, at most 200) and `?cursor=`. Raises `invalid`."""
    asked = PageQuery.read(request.query_params)
    return Page(asked.get("limit", DEFAULT), asked.get("cursor"))


def list_response(
    request: Request,
    fetch: Callable[[int, int | None], Sequence[T]],
    *,
    id_of: Callable[[T], int],
    show: Callable[[T], Any],
) -> Response:
    """One page of `fetch(limit, before)`, each row as `show` has it, with a `Link` to the next where there is one."""
    page = read_page(request)
    rows = fetch(page.limit + 1, page.before)
    shown = rows[: page.limit]
    response = Response([show(row) for row in shown])
    if len(rows) > page.limit:
        asked: dict[str, Any] = {**request.query_params.dict(), "limit": page.limit, "cursor": id_of(shown[-1])}
        query = urlencode(asked)
        response["Link"] = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
    return response
