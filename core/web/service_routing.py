"""The gateway inside a process: which service a path belongs to, and which of them this process answers.

A process that runs with SERVICES=auth answers /auth/ and nothing of the others (404), so that a proxy in front
can send each path to its own role.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.errors import Code
from core.server import health, request_bodies
from core.web.error_responses import as_refusal, refusal, too_large_page

# The first match decides; what matches nothing is a page.
SERVICE_OF_PATH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (service, re.compile(pattern))
    for service, pattern in (
        ("any", r"/api/(schema|docs)/|/ws/schema/|/static/|/media/"),
        ("auth", r"/auth/"),
        ("host", r"/api/(propert|complete_registration/|mylistings/|dashboard/|saved/)|/ical/"),
        ("guest", r"/api/(reserv|booking|upcoming_bookings/|review/|notification/|payments/)"),
        ("negotiation", r"/api/nego/|/ws/|/mcp(/|\Z)"),
    )
)
SOCKET_PATH = "/ws/"
# What the setting PUBLIC_PATHS may close.
NAMED_PATHS = {"/api/schema/": "schema", "/ws/schema/": "schema", "/api/docs/": "docs"}
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
        if too_large(request):
            return self.too_large(request)
        if (what := NAMED_PATHS.get(request.path_info)) and not health.may_look(what, request):
            return refusal(request, Code.NOT_FOUND)
        request.path_info = PREFIX.sub("", request.path_info, count=1)
        if not answers(request.path_info):
            return refusal(request, Code.NOT_FOUND)
        response = self.get_response(request)
        return as_refusal(request, response) if is_rest(request.path_info) else response

    def too_large(self, request: HttpRequest) -> HttpResponseBase:
        if not wants_page(request.path_info, request.headers.get("Accept", "")):
            return refusal(request, Code.TOO_LARGE)
        return HttpResponse(too_large_page(request_bodies.limit_of(request.path_info)), status=413)


def too_large(request: HttpRequest) -> bool:
    """Django itself would answer 400, and only once a view touches the body."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return declared.isdigit() and int(declared) > request_bodies.limit_of(request.path_info)


def is_rest(path: str) -> bool:
    """Whether a path is REST's, so that its refusals are JSON."""
    return service_of(path) in ("auth", "host", "guest", "negotiation") or path.startswith("/api/")


def wants_page(path: str, accept: str) -> bool:
    """Whether a refusal is shown to a person: one of a page's path, to a browser that asks for HTML."""
    return service_of(path) == "web" and not path.startswith("/api/") and "text/html" in accept


async def refuse_socket(receive: Any, send: Any) -> None:
    """A websocket that this process does not answer: 404 in place of the handshake."""
    await receive()
    await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})
