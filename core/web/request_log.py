"""Each HTTP request has an id, a line in the log and a place in the metrics."""

import os
import re
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Histogram

from core.server import health

log = structlog.get_logger(__name__)

REQUESTS = Histogram(
    "http_request_seconds",
    "Time of a request in its thread, by route",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMiddleware:
    """Takes the proxy's X-Request-ID where it makes sense, else makes one, and gives it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if GOOD_ID.match(given) else os.urandom(16).hex()
        started = time.perf_counter()
        before = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
            self.record(request, response, time.perf_counter() - started)
        finally:
            structlog.contextvars.reset_contextvars(**before)
        response["X-Request-ID"] = request_id
        if settings.TRUSTED_PROXIES:  # for the gateway's log, which keeps it from the client
            response["X-Route"] = route_of(request)
        return response

    def record(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).observe(seconds)
        if request.path in health.VIEWS:
            return
        write = log.warning if response.status_code >= 500 else log.info
        write("request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))


def route_of(request: HttpRequest) -> str:
    """The pattern that the path matched, never the path: links of mails and calendars carry their secret in it, and a
    label must not grow with the ids that clients think up."""
    return (request.resolver_match.route or "/") if request.resolver_match else "none"
