"""Which language a person reads: chosen on a page, kept with the account, else as the browser prefers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from accounts.models import User

PUBLIC_PATHS = ("/api/", "/auth/", "/admin/")


class LanguageMiddleware:
    """After sessions and authentication: pages of a signed-in user are in the language that the account has.

    Endpoints that programs call follow Accept-Language, and so does a browser whose user has chosen no language; what they
    refuse to a page is in the page's language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path_info.startswith(PUBLIC_PATHS):
            user = request.user
            if isinstance(user, User) and user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
        request.chosen_language = partial(chosen_language, request)  # type: ignore[attr-defined]  # read by core.api.exceptions
        return self.get_response(request)


def chosen_language(request: HttpRequest) -> str:
    """The language that the session's user chose; "" where there is none, or the session was not read yet. Reads no table."""
    user = getattr(request, "_cached_user", None)
    return user.language if isinstance(user, User) else ""


def language_of(user_id: int) -> str:
    """The language in which to write to a user."""
    found = User.objects.filter(pk=user_id).values_list("language", flat=True).first()
    return found or settings.LANGUAGE_CODE


@contextmanager
def speaking_to(user_id: int) -> Iterator[None]:
    """A context in which texts are in the user's language, not in the language of the person who acts."""
    with translation.override(language_of(user_id)):
        yield
