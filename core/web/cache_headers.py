"""Keeps browsers and proxies from storing answers to requests with credentials."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FOR_ONE = "private, no-store"


class PrivacyMiddleware:
    """Marks such an answer as private, unless the view says otherwise.

    On a shared computer, "back" after logging out shows nothing of the account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response and says_who(request):
            response["Cache-Control"] = FOR_ONE
        return response


def says_who(request: HttpRequest) -> bool:
    """Whether a request has credentials, valid or not; it does not look them up."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
