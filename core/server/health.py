"""Answers for load balancers and Prometheus. They need neither a known host name nor https."""

import ipaddress
import secrets
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

BROKER_WAIT_S = 2


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer, else 503 with the names of those that don't."""
    down = [name for name, check in (("database", database_answers), ("broker", broker_answers)) if not check()]
    return JsonResponse({"status": "unavailable" if down else "ok", "down": down}, status=503 if down else 200)


def database_answers() -> bool:
    """Whether PostgreSQL answers a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except Error:
        connection.close()
        return False


def broker_answers() -> bool:
    """Whether the broker answers a ping now."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_WAIT_S, socket_connect_timeout=BROKER_WAIT_S
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; to loopback or to whoever knows METRICS_TOKEN, to everyone else it does not exist."""
    return shown_metrics(request) if may_read_metrics(request) else HttpResponse(status=404)


@require_safe
def shown_metrics(request: HttpRequest) -> HttpResponse:
    """All figures of this process, as Prometheus reads them."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    """Whether it comes over loopback, or with METRICS_TOKEN as bearer."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    # Behind a proxy every request seems to come from it, perhaps over loopback: then only the token counts.
    return not settings.TRUSTED_PROXIES and is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address: str) -> bool:
    """Whether that is an address of this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz/": live, "/readyz/": ready, "/metrics": metrics}
