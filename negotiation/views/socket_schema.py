"""`/ws/schema/`: the live protocol for machines."""

from __future__ import annotations

from functools import lru_cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from negotiation.live.asyncapi import document


@lru_cache(maxsize=8)
def encoded(host: str, secure: bool) -> bytes:
    return orjson.dumps(document(host, secure=secure))


@require_safe
def socket_schema(request: HttpRequest) -> HttpResponse:
    """AsyncAPI 3, public: it tells nothing that the documentation does not."""
    return HttpResponse(encoded(request.get_host(), request.is_secure()), content_type="application/json")
