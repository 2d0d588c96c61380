"""Light or dark: as the device does, unless the user chose one in this browser."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

# The switch's script writes it too, so that a press needs no other page.
COOKIE = "theme"
KEPT_FOR = timedelta(days=365)
CHOICES = ("light", "dark")


def theme_of(request: HttpRequest | None) -> str:
    """`light` or `dark` as chosen in this browser; empty: as the device does."""
    chosen = request.COOKIES.get(COOKIE, "") if request else ""
    return chosen if chosen in CHOICES else ""


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """`/theme/`: `theme` (light, dark; anything else: as the device does) for this browser, then back to the page."""
    answer = HttpResponseRedirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in CHOICES:
        answer.set_cookie(COOKIE, chosen, max_age=KEPT_FOR, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    else:
        answer.delete_cookie(COOKIE, samesite="Lax")
    return answer


def _back(request: HttpRequest) -> str:
    """The page that the form was on, if it is one of ours."""
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else "/"
