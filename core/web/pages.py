"""What all web pages share: the viewer's zone, and refusals as pages."""

from __future__ import annotations

import math
import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.api.client_address import client_address
from core.api.rate_limits import take_rest
from core.errors import Code, DomainError
from core.said import translated
from core.web.service_routing import service_of
from core.zone_names import one_spelling

ZONE_COOKIE = "timezone"
# What no page of ours asks a browser for, nor lets anything in it ask; Stripe's own form may.
POLICY = 'camera=(), microphone=(), usb=(), geolocation=(self), payment=(self "https://js.stripe.com")'


class PagesMiddleware:
    """Renders times in the viewer's zone, as the page's script told it, and turns refusals into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(zone_of(request)):
            response = too_many(request) or self.get_response(request)
            if response.status_code == 405 and service_of(request.path_info) == "web":
                response = not_allowed_page(request, response)
        response.setdefault("Permissions-Policy", POLICY)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        # REST answers its refusals itself; what comes here was raised by a page.
        return refusal_page(request, error) if isinstance(error, DomainError) else None


def too_many(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a client that asks for pages faster than REST allows; pages are counted apart from REST, files are not."""
    if service_of(request.path_info) != "web":
        return None
    key = f"user:{request.user.pk}" if request.user.is_authenticated else f"address:{client_address(request)}"
    if not (wait := take_rest(f"page:{key}")):
        return None
    words = _("That was too fast. Wait a moment and reload the page.")
    return refusal_page(request, DomainError(Code.RATE_LIMITED, words, params={"retry_after": wait}))


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """The zone of the viewer's cookie; None (the server's) where it is missing or makes no sense."""
    name = one_spelling(unquote(request.COOKIES.get(ZONE_COOKIE, ""))[:64])
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def refusal_page(request: HttpRequest, error: DomainError, *, back: str = "/", action: str = "") -> HttpResponse:
    """The page for a refusal that no form on the page could show; `back` is where `action` leads, the search if empty."""
    title = _("This page is not here") if error.status == 404 else _("That is not possible just now")
    words = (
        _("It may have moved, or it is not yours to see.")
        if error.code == Code.NOT_FOUND
        else translated(error.message)
    )
    content = {"title": title, "message": words, "back": back, "action": action or _("Back to the search")}
    page = render(request, "core/error.html", content, status=error.status)
    if (seconds := error.params.get("retry_after")) is not None:
        page["Retry-After"] = str(max(1, math.ceil(seconds)))
    return page


def not_allowed_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The page for a method that an address does not take; `response` has Django's bare answer."""
    page = refusal_page(request, DomainError(Code.METHOD_NOT_ALLOWED, _("This address can't be used like that.")))
    page["Allow"] = response["Allow"]
    return page


def refused(request: HttpRequest, error: DomainError, to: str, *args: object) -> HttpResponse:
    """Back to the page `to` (a URL name) with the refusal's words on top."""
    messages.error(request, translated(error.message))
    return redirect(to, *args)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 404 in the look of the product."""
    return refusal_page(request, DomainError(Code.NOT_FOUND))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that can't be read, a fault of the client's: with the sentence that says why."""
    words = _("The request can't be read.")
    if isinstance(exception, TooManyFieldsSent):
        words = _("At most %(most)s fields fit into one request.") % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}
    page = refusal_page(request, DomainError(Code.COMMAND_MALFORMED, words))
    page.refusal_words = words  # type: ignore[attr-defined]  # read by core.web.error_responses.as_refusal
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not of this browser's session: most often one that lay open through a sign-in or a sign-out."""
    return refusal_page(
        request, DomainError(Code.NOT_ALLOWED, _("The page was too old. Go back, reload it and try again."))
    )
