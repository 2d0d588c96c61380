"""Answers where no view could give one: unknown paths, broken requests, faults of ours."""

import sys

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

from core.errors import STATUS, Code, DomainError

# Refusals of the frameworks outside a REST view, as the codes that clients know.
CODES = {
    400: Code.COMMAND_MALFORMED,
    401: Code.AUTH_REQUIRED,
    403: Code.NOT_ALLOWED,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
    429: Code.RATE_LIMITED,
}


def refusal(code: Code, status: int | None = None) -> HttpResponse:
    """The error object of docs/protocol.md."""
    body = orjson.dumps(DomainError(code).as_dict())
    return HttpResponse(body, content_type="application/json", status=status or STATUS[code])


def as_refusal(response: HttpResponseBase) -> HttpResponseBase:
    """A page that tells of a failure, as the object that a REST client expects; anything else as it is."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    told = refusal(CODES.get(response.status_code, Code.UNAVAILABLE), response.status_code)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            told[name] = response[name]
    return told


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault (500), or the database is not there (503). Asks neither database nor session: they may be the fault."""
    absent = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return HttpResponse(loader.render_to_string("core/failure.html", {"absent": absent}), status=503 if absent else 500)
