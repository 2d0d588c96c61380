"""Turns every refusal of REST into one error object, whichever part refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import Http404
from django.utils import translation
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from core.api.framework_words import said_by
from core.database.errors import ABSENT, absence
from core.errors import Code, DomainError, invalid
from core.said import said

ANYTHING = "*/*"


class TolerantJSONParser(JSONParser):
    """Parses JSON; text that nests too deep is malformed like any other unreadable text."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON nests too deep.") from error


class TolerantNegotiation(DefaultContentNegotiation):
    """Who accepts nothing of what there is gets JSON all the same, and no fault."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        # With one renderer there is a choice only where a client names a format or parameters.
        accepts = request.META.get("HTTP_ACCEPT", ANYTHING)
        if len(renderers) == 1 and format_suffix is None and "format" not in request.query_params:
            renderer = renderers[0]
            if accepts == ANYTHING or accepts == renderer.media_type:
                return renderer, renderer.media_type
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except exceptions.NotAcceptable:
            return renderers[0], renderers[0].media_type


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: the status and body of a refusal; None for a fault, which becomes a 500."""
    if isinstance(error, ABSENT):
        request = context.get("request")
        refusal: DomainError | None = absence(
            error, changes_nothing=request is not None and request.method in SAFE_METHODS
        )
    else:
        refusal = as_domain_error(error)
    if refusal is None:
        return None
    response = told(refusal, context.get("request"))
    if refusal.code == Code.AUTH_REQUIRED:
        response["WWW-Authenticate"] = "Token"
    if (seconds := refusal.params.get("retry_after")) is not None:
        response["Retry-After"] = str(max(1, math.ceil(seconds)))
    if isinstance(error, exceptions.MethodNotAllowed) and (view := context.get("view")):
        response["Allow"] = ", ".join(view.allowed_methods)
    return response


def told(refusal: DomainError, request: Any) -> Response:
    """The refusal in its reader's language: what the session's user chose on a page, else what LocaleMiddleware found."""
    chosen = getattr(request, "chosen_language", None)
    with translation.override((chosen and chosen()) or translation.get_language()):
        language = translation.get_language() or settings.LANGUAGE_CODE
        headers = {"Content-Language": language}
        return Response(refusal.translated().as_dict(), status=refusal.status, headers=headers)


def as_domain_error(error: Exception) -> DomainError | None:
    """The refusal for an exception of the frameworks; None where it is a fault of ours."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, ABSENT):
        return absence(error)
    if isinstance(error, exceptions.ValidationError):
        return from_validation(error.detail)
    if isinstance(error, exceptions.Throttled):
        return DomainError(Code.RATE_LIMITED, params={"retry_after": getattr(error, "wait", None) or 1})
    if isinstance(error, TooManyFieldsSent):
        return invalid(
            query=said("At most %(most)s fields fit into one request.", most=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
        )
    for kinds, code in FRAMEWORK:
        if isinstance(error, kinds):
            return DomainError(code, str(getattr(error, "detail", "")) if code in SPOKEN else "")
    return None


SPOKEN = {Code.COMMAND_MALFORMED, Code.NOT_ALLOWED}
FRAMEWORK: tuple[tuple[tuple[type[Exception], ...], Code], ...] = (
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), Code.AUTH_REQUIRED),
    ((exceptions.PermissionDenied, PermissionDenied), Code.NOT_ALLOWED),
    ((exceptions.NotFound, Http404), Code.NOT_FOUND),
    ((exceptions.MethodNotAllowed,), Code.METHOD_NOT_ALLOWED),
    ((exceptions.UnsupportedMediaType,), Code.UNSUPPORTED_MEDIA_TYPE),
    ((RequestDataTooBig,), Code.TOO_LARGE),
    ((exceptions.ParseError, SuspiciousOperation), Code.COMMAND_MALFORMED),
)


def from_validation(detail: Any) -> DomainError:
    """`invalid` from a serializer's errors; a field inside another is named `outer.inner`."""
    fields: dict[str, list[str]] = {}
    for name, text in flatten(detail):
        fields.setdefault(name or "body", []).append(text)
    return invalid(**fields)


def flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) of every error in DRF's tree of them."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
            yield from flatten(inner, here)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            yield from flatten(inner, f"{path}.{index}".strip(".") if isinstance(inner, Mapping) and inner else path)
    else:
        yield path, said_by(detail)
