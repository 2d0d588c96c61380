"""The gateway inside a process: which service a path belongs to, and which of them this process answers.

A process that runs with SERVICES=auth answers /auth/ and nothing of the others (404), so that a proxy in front
can send each path to its own role.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from core import health

# The first match decides; what matches nothing is a page.
SERVICE_OF_PATH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (service, re.compile(pattern))
    for service, pattern in (
        ("any", r"/api/(schema|docs)/|/ws/schema/|/static/"),
        ("auth", r"/auth/"),
        ("host", r"/api/(propert|complete_registration/|mylistings/|dashboard/)|/ical/"),
        ("guest", r"/api/(reserv|booking|upcoming_bookings/|review/|notification/|payments/)"),
        ("negotiation", r"/api/nego/|/ws/"),
    )
)
# The StayNest frontend speaks to /host/api/… and /guest/api/…; both are the same views.
PREFIX = re.compile(r"/(host|guest)(?=/api/)")


def service_of(path: str) -> str:
    """The service a path belongs to: auth, host, guest, negotiation, web, or any (answered by every process)."""
    return next((service for service, pattern in SERVICE_OF_PATH if pattern.match(path)), "web")


def answers(path: str) -> bool:
    """Whether this process answers the path at all."""
    service = service_of(path)
    return service == "any" or service in settings.SERVICES


class GatewayMiddleware:
    """Comes first: health and metrics answer before the host check and the redirect to https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if view := health.VIEWS.get(request.path_info):
            return view(request)
        request.path_info = PREFIX.sub("", request.path_info, count=1)
        if not answers(request.path_info):
            return not_here(request)
        return self.get_response(request)


def not_here(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"code": "not_found", "message": "Not found.", "params": {}, "fields": {}}, status=404)
