"""What browsers, robots and finders of holes look for at the root of a site."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import clock
from core.errors import not_found

# Pages that are nobody's to find: of one account, or behind a mailed link.
CLOSED_TO_ROBOTS = ("/admin/", "/auth/", "/api/", "/ical/", "/inbox/", "/bookings/", "/notifications/", "/password/")
# RFC 9116 wants an end of at most a year; it moves on with each answer.
GOOD_FOR = timedelta(days=180)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`: homes may be found, people's own pages need not be asked for."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """`/.well-known/security.txt` (RFC 9116). Raises `not_found` where SECURITY_CONTACT is not set."""
    if not settings.SECURITY_CONTACT:
        raise not_found()
    expires = clock.stamp((clock.now() + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0))
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@cache
def icon() -> bytes:
    """The site's icon, from the application's own files."""
    return (Path(__file__).parent.parent / "static" / "core" / "favicon.svg").read_bytes()


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """`/favicon.ico`: where browsers look that read no page."""
    answer = HttpResponse(icon(), content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
