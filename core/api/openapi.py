"""What the REST schema says of every operation alike."""

from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.errors import STATUS

REFUSAL = {
    "description": "Refused",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
}
ERROR = {
    "type": "object",
    "required": ["code", "message", "params", "fields"],
    "properties": {
        "code": {"type": "string", "enum": sorted(code.value for code in STATUS)},
        "message": {"type": "string"},
        "params": {"type": "object"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
METHODS = frozenset({"get", "put", "post", "patch", "delete"})
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]{1,64}$"},
    OpenApiParameter.HEADER,
    description="The same key with the same content gets the first answer again, for 24 hours.",
)


@cache
def encoded() -> bytes:
    """Made once a process: it takes a good part of a second, and anybody may ask for it."""
    with translation.override("en"):
        return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True))


@require_safe
def rest_schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON, public: it tells nothing that the documentation does not."""
    return HttpResponse(encoded(), content_type="application/json")


class RestSchema(AutoSchema):
    """A view that does something once for each key says so by `takes_key`."""

    def get_override_parameters(self) -> list[Any]:
        return [KEY] if self.method in ("POST", "PUT") and getattr(self.view, "takes_key", False) else []


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A drf-spectacular hook: refusals have one shape everywhere."""
    result.setdefault("components", {}).setdefault("schemas", {})["error"] = ERROR
    for path in result.get("paths", {}).values():
        for method in METHODS & set(path):
            describe(path[method])
    return result


def describe(operation: dict[str, Any]) -> None:
    """Adds the refusals that every operation may answer."""
    responses = operation["responses"]
    responses.setdefault("429", {**REFUSAL, "headers": RETRY_AFTER})
    for status in ("4XX", "503"):
        responses.setdefault(status, REFUSAL)
