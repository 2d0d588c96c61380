"""Every page says which account it belongs to, so that a browser drops the pages it keeps for offline use when the session ends."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Account"


class AccountHeaderMiddleware:
    """`X-Account: <user id> <when the session ends, in Unix seconds>` on HTML for a user who is signed in by cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # No refusal carries it: a refusal has the same bytes as the answer for what does not exist.
        is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        if is_page and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            response[HEADER] = f"{request.user.pk} {int(request.session.get_expiry_date().timestamp())}"
        return response
