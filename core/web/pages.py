"""What all web pages share: the viewer's zone, and refusals as pages."""

from __future__ import annotations

import math
import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Code, DomainError

ZONE_COOKIE = "timezone"


class PagesMiddleware:
    """Renders times in the viewer's zone, as the page's script told it, and turns refusals into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(zone_of(request)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        # REST answers its refusals itself; what comes here was raised by a page.
        return refusal_page(request, error) if isinstance(error, DomainError) else None


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """The zone of the viewer's cookie; None (the server's) where it is missing or makes no sense."""
    name = unquote(request.COOKIES.get(ZONE_COOKIE, ""))[:64]
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def refusal_page(request: HttpRequest, error: DomainError, *, back: str = "/", action: str = "") -> HttpResponse:
    """The page for a refusal that no form on the page could show; `back` is where `action` leads, the search if empty."""
    title = _("This page is not here") if error.status == 404 else _("That is not possible just now")
    words = _("It may have moved, or it is not yours to see.") if error.code == Code.NOT_FOUND else error.message
    content = {"title": title, "message": words, "back": back, "action": action or _("Back to the search")}
    page = render(request, "core/error.html", content, status=error.status)
    if (seconds := error.params.get("retry_after")) is not None:
        page["Retry-After"] = str(max(1, math.ceil(seconds)))
    return page


def refused(request: HttpRequest, error: DomainError, to: str, *args: object) -> HttpResponse:
    """Back to the page `to` (a URL name) with the refusal's words on top."""
    messages.error(request, error.message)
    return redirect(to, *args)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 404 in the look of the product."""
    return refusal_page(request, DomainError(Code.NOT_FOUND))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not of this browser's session: most often one that lay open through a sign-in or a sign-out."""
    return refusal_page(
        request, DomainError(Code.NOT_ALLOWED, _("The page was too old. Go back, reload it and try again."))
    )
