"""`/ws/schema/`: the live protocol for machines."""

from __future__ import annotations

from functools import cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from negotiation.asyncapi import document


@cache
def encoded() -> bytes:
    return orjson.dumps(document())


@require_safe
def socket_schema(request: HttpRequest) -> HttpResponse:
    """AsyncAPI 3, public: it tells nothing that the documentation does not."""
    return HttpResponse(encoded(), content_type="application/json")
