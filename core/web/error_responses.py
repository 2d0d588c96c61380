"""Answers where no view could give one: unknown paths, broken requests, faults of ours."""

import sys

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader
from django.utils import translation

from core.database.errors import ABSENT, absence
from core.errors import STATUS, Code, DomainError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
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


def refusal(request: HttpRequest, code: Code, status: int | None = None, words: str = "") -> HttpResponse:
    """The error object of docs/protocol.md, in the language of the cookie or of Accept-Language.

    It may answer before LocaleMiddleware ran: the language that is active then is that of the thread's last request.
    """
    with translation.override(language := translation.get_language_from_request(request)):
        body = orjson.dumps(DomainError(code, words).translated().as_dict())
    answer = HttpResponse(body, content_type="application/json", status=status or STATUS[code])
    answer["Content-Language"], answer["Vary"] = language, "Accept-Language, Cookie"
    return answer


def as_refusal(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A page that tells of a failure, as the object that a REST client expects; anything else as it is."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    code = getattr(response, "refusal_code", None) or CODES.get(response.status_code, Code.COMMAND_OUTCOME_UNKNOWN)
    told = refusal(request, code, response.status_code, getattr(response, "refusal_words", ""))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            told[name] = response[name]
    return told


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault (500), or the database is not there (503). Asks neither database nor session: they may be the fault."""
    error = sys.exc_info()[1]
    absent = isinstance(error, ABSENT)
    if request.method in SAFE_METHODS:
        code = Code.UNAVAILABLE
    else:
        code = absence(error).code if isinstance(error, ABSENT) else Code.COMMAND_OUTCOME_UNKNOWN
    content = {"absent": absent, "unknown": code == Code.COMMAND_OUTCOME_UNKNOWN}
    page = HttpResponse(loader.render_to_string("core/failure.html", content), status=503 if absent else 500)
    page.refusal_code = code  # type: ignore[attr-defined]  # read by as_refusal
    if absent:
        page["Retry-After"] = "2"
    return page


def too_large_page(limit: int) -> str:
    """What a browser is told whose form was over `limit` bytes. Asks neither database nor session."""
    return loader.render_to_string("core/too_large.html", {"most": limit // (1024 * 1024)})
