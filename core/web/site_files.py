"""What browsers, robots and finders of holes look for at the root of a site."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.errors import not_found

# Pages that search engines must not list: of one account, or behind a mailed link.
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


ICONS = (("icon-192", 192, "any"), ("icon-512", 512, "any"), ("maskable-512", 512, "maskable"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """`/manifest.webmanifest`: what makes the site an app on a home screen."""
    icons = [
        {"src": static(f"core/icons/{name}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, side, purpose in ICONS
    ]
    shortcuts = [{"name": _("Inbox"), "url": "/inbox/"}, {"name": _("Trips"), "url": "/trips/"}]
    content = {
        "id": "/", "name": "StayNest", "short_name": "StayNest", "start_url": "/", "scope": "/", "display": "standalone",
        "description": _("Find a home, make an offer, and agree on a price you both like."),
        "background_color": "#fbfaf7", "theme_color": "#fbfaf7", "icons": icons, "shortcuts": shortcuts,
    }  # fmt: skip
    return JsonResponse(content, content_type="application/manifest+json")


@cache
def worker_script() -> bytes:
    """The service worker, from the application's own files."""
    return (Path(__file__).parent.parent / "static" / "core" / "service-worker.js").read_bytes()


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """`/service-worker.js`: at the root, so that it stands for the whole site; browsers ask for it again each time."""
    answer = HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """`/offline/`: the page that a browser shows without a network; it holds nothing of an account."""
    answer = render(request, "core/offline.html")
    answer["Cache-Control"] = "no-cache"
    return answer
