"""Answers where no view could give one: unknown paths, broken requests, faults of ours."""

import sys

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

from core.errors import STATUS, DomainError

# Refusals of the frameworks outside a REST view, as the codes that clients know.
CODES = {
    400: "command.malformed",
    401: "auth.required",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}


def refusal(code: str, status: int | None = None) -> HttpResponse:
    """The error object of docs/protocol.md."""
    body = orjson.dumps(DomainError(code).as_dict())
    return HttpResponse(body, content_type="application/json", status=status or STATUS[code])


def as_refusal(response: HttpResponseBase) -> HttpResponseBase:
    """A page that tells of a failure, as the object that a REST client expects; anything else as it is."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    told = refusal(CODES.get(response.status_code, "unavailable"), response.status_code)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            told[name] = response[name]
    return told


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault (500), or the database is not there (503). Asks neither database nor session: they may be the fault."""
    absent = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return HttpResponse(loader.render_to_string("core/failure.html", {"absent": absent}), status=503 if absent else 500)
