"""The REST schema: what all operations have in common, and the view that serves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.api import tolerant_schema
from core.api.examples import example_of
from core.api.json_schema import COMPONENTS, Schema, rows
from core.api.refusals import refusal_responses
from core.api.tolerant_schema import plain
from core.errors import Code

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
METHODS = frozenset({"get", "put", "post", "patch", "delete"})
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[ -~]{1,64}$"},
    OpenApiParameter.HEADER,
    description="The same key with the same content gets the first answer again, for 24 hours.",
)
PAGE = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    OpenApiParameter("cursor", {"type": "string"}, description="Where the page begins, out of `Link`."),
    OpenApiParameter(
        "Link",
        str,
        OpenApiParameter.HEADER,
        response=[200],
        description='The next page, `rel="next"`, if there is one.',
    ),
]
# The first pattern that matches a path names the operation's group.
TAGS: tuple[tuple[str, str, str], ...] = (
    (r"/auth/\w*_profile", "Profiles", "What people see of one another."),
    (r"/auth/(documents|block|report)/", "Trust", "Proofs of identity, blocked people, reports."),
    (r"/auth/agents/", "Agents", "Machines that act for a person, within limits."),
    (r"/auth/push/|/auth/unsubscribe/|/api/notification/", "Notifications", "What the account was told, and how."),
    (r"/auth/", "Accounts", "Sign up, log in and out, the own account."),
    (r"/api/(property_registration|complete_registration|mylistings)/", "Listing", "A home in seven steps."),
    (r"/api/properties/|/api/saved/", "Search", "Homes that are free, at which price."),
    (r"/api/property/\{property_id\}/(availability|block|mark|price|ical|calendars)", "Calendar", "Nights."),
    (r"/api/property/", "Properties", "A home as everybody may read it, quotes, listing and unlisting."),
    (r"/api/(reserv|booking/\{booking_id\}/payment)", "Booking", "Stays: held, confirmed, paid, cancelled."),
    (r"/api/(booking|upcoming)", "Booking", "Stays: held, confirmed, paid, cancelled."),
    (r"/api/review/", "Reviews", "What guests say, and hosts answer."),
    (r"/api/nego/", "Negotiation", "The haggle; its live half is at /ws/schema/."),
    (r"/api/dashboard/", "Insight", "A host's figures."),
)


def paged(row: Schema, *more: OpenApiParameter) -> dict[str, Any]:
    """The arguments of `extend_schema` for a list that comes in pages."""
    return {"parameters": [*more, *PAGE], "responses": {200: rows(row)}}


@cache
def encoded() -> bytes:
    """The schema as bytes, made once a process: making it takes part of a second, and any client may ask for it."""
    with translation.override("en"):
        return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True))


@require_safe
def rest_schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON. It is public: it says nothing that the documentation does not."""
    return HttpResponse(encoded(), content_type="application/json")


class RestSchema(AutoSchema):
    """Describes the operations of a view.

    `takes_key`: does something once for each key. `alias_of`: another address of the same operation.
    `delete_body`: the serializer of what a DELETE reads.
    A method's docstring is its summary; `@refuses` names the codes that are its own.
    """

    def get_override_parameters(self) -> list[Any]:
        return [KEY] if self.keeps_key else []

    @property
    def keeps_key(self) -> bool:
        return self.method in ("POST", "PUT") and getattr(self.view, "takes_key", False)

    def get_tags(self) -> list[str]:
        return [next((tag for pattern, tag, _ in TAGS if re.match(pattern, self.path)), "Other")]

    def get_summary(self) -> str:
        return (super().get_summary() or doc_of(self._handler)).partition("\n")[0].removesuffix(".")

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular takes no path and method
        alias = getattr(self.view, "alias_of", "")
        same = [f"Another address of `{alias}`, for clients that know this one."] if alias else []
        return "\n\n".join([*same, doc_of(self._handler) or doc_of(self.view)])

    def is_deprecated(self) -> bool:
        return bool(getattr(self.view, "alias_of", "")) or super().is_deprecated()

    def get_operation_id(self) -> str:
        """The operation's id; a list counts as one also where its schema is written by hand."""
        name, answers = super().get_operation_id(), self.get_response_serializers()
        is_list = (
            isinstance(answers, dict) and isinstance(found := answers.get(200), dict) and found.get("type") == "array"
        )
        return re.sub(r"_retrieve\b", "_list", name) if is_list else name

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return re.sub(r"(Serializer|Body|In|Query)$", "", type(serializer).__name__)

    def _get_parameters(self) -> list[Any]:
        parameters = super()._get_parameters()
        for parameter in parameters:
            is_id = (
                parameter["in"] == "path" and parameter["name"].endswith("_id") and parameter["name"] != "sign_in_id"
            )
            number = {"type": "integer", "format": "int64", "minimum": 0}
            parameter["schema"] = number if is_id else plain(parameter["schema"])
        return parameters

    def _get_request_body(self, direction: Any = "request") -> Any:
        """The framework knows no body of a DELETE; a view that reads one names it in `delete_body`."""
        body = getattr(self.view, "delete_body", None)
        if self.method != "DELETE" or body is None:
            return super()._get_request_body(direction)
        component = self.resolve_serializer(body, direction)
        return {"content": {"application/json": {"schema": component.ref}}, "required": True}

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation.setdefault("security", [])
            operation["responses"] |= refusal_responses(self.codes_of(operation), camel(operation["operationId"]))
        return operation

    @property
    def _handler(self) -> Any:
        return getattr(self.view, self.method.lower())

    def codes_of(self, operation: dict[str, Any]) -> set[Code]:
        """Every code that the operation may answer: those of its shape, and those that its method names."""
        codes = {Code.RATE_LIMITED, Code.UNAVAILABLE, Code.COMMAND_OUTCOME_UNKNOWN}
        codes |= getattr(self._handler, "refusals", frozenset())
        places = {parameter["in"] for parameter in operation.get("parameters", ())}
        if "query" in places or self.keeps_key:
            codes.add(Code.INVALID)
        if "path" in places:
            codes.add(Code.NOT_FOUND)
        if "requestBody" in operation:
            codes |= {Code.INVALID, Code.COMMAND_MALFORMED, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE}
        if self.keeps_key:
            codes |= {Code.COMMAND_ID_REUSED, Code.COMMAND_IN_PROGRESS}
        return codes | self._codes_of_sign_in(operation["security"])

    def _codes_of_sign_in(self, security: list[Any]) -> set[Code]:
        """The codes of signing in: changes by cookie need Django's CSRF token; a mandate's key opens few endpoints."""
        if security and {} not in security:
            return {Code.AUTH_REQUIRED, Code.NOT_ALLOWED}
        return {Code.NOT_ALLOWED} if security and self.method in UNSAFE else set()


def doc_of(thing: Any) -> str:
    text = getattr(thing, "__doc__", None) or ""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A drf-spectacular hook: adds the named schemas that are used, the groups and the server, and drops what does not apply."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {name: schema for name, schema in COMPONENTS.items() if name not in schemas}
    used = set(reach(result["paths"], schemas))
    result["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas) if name in used}
    without_marks(result)
    groups = dict.fromkeys((tag, words) for _, tag, words in TAGS)
    tagged = {
        tag for path in result["paths"].values() for method in METHODS & set(path) for tag in path[method]["tags"]
    }
    result["tags"] = [{"name": tag, "description": words} for tag, words in groups if tag in tagged]
    for path in result["paths"].values():
        for method in METHODS & set(path):
            give_examples(path[method], result["components"]["schemas"])
    result["servers"] = [{"url": settings.PUBLIC_URL}]
    return result


def give_examples(operation: dict[str, Any], schemas: dict[str, Schema]) -> None:
    """Adds examples of the body and the answers."""
    done = [answer for status, answer in operation["responses"].items() if status[0] == "2"]
    for part in (operation.get("requestBody", {}), *done):
        media = part.get("content", {}).get("application/json")
        if media is not None:
            media["example"] = example_of(media["schema"], schemas)


def without_marks(part: Any) -> None:
    """Removes the framework's marks of enums, which tell a reader nothing."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        without_marks(inner)


def reach(part: Any, schemas: dict[str, Schema]) -> Iterator[str]:
    """The names of all schemas that a part of the document leads to."""
    seen: set[str] = set()
    waiting = [part]
    while waiting:
        for name in re.findall(r'"#/components/schemas/([^"]+)"', orjson.dumps(waiting.pop(), default=str).decode()):
            if name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
                yield name


__all__ = ["PAGE", "RestSchema", "complete", "paged", "rest_schema", "tolerant_schema"]
