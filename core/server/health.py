"""Answers load balancers and Prometheus, without a known host name and without https.

`/healthz/` and `/readyz/` are answered on the event loop, so they work even when all HTTP threads are busy.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import redis
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core import clock, timezones
from core.broker import open_broker
from core.server.probe import Probe

log = structlog.get_logger(__name__)

# Seconds. Database and broker are asked at the same time, so that the answer comes within three seconds.
WAIT_S = 2.5
BROKER_WAIT_S = 2


class Readiness(NamedTuple):
    """Which of database and broker don't answer, and by how many seconds our clock is ahead of the database's."""

    down: list[str]
    clock_ahead_s: float | None

    def as_dict(self) -> dict[str, Any]:
        """The body of `/readyz/`."""
        status = "unavailable" if self.down else "ok"
        return {
            "status": status,
            "down": self.down,
            "clock_ahead_s": self.clock_ahead_s,
            "time_zones": timezones.versions(),
        }

    @property
    def status(self) -> int:
        return 503 if self.down else 200


def clock_ahead() -> float:
    """Returns the seconds by which our clock is ahead of the database's. Raises where the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # opens the connection before the time is read
        before = clock.machine()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        ahead = round((before + clock.machine()) / 2 - float(cursor.fetchone()[0]), 3)
    timezones.note_postgresql()
    clock.agree(ahead)
    return ahead


def broker_answers() -> bool:
    """Whether the broker answers a ping."""
    try:
        with open_broker(BROKER_WAIT_S) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


DATABASE, BROKER = Probe(clock_ahead, WAIT_S), Probe(broker_answers, WAIT_S)


def readiness(ahead_s: float | None, broker: bool | None) -> Readiness:
    """Returns the readiness from the results of the two probes; None stands for no answer."""
    return Readiness(
        [name for name, there in (("database", ahead_s is not None), ("broker", broker)) if not there], ahead_s
    )


async def answer(scope: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    """Returns status, headers and body for the two paths that are answered on the event loop; None for other paths."""
    if scope["method"] not in ("GET", "HEAD"):
        return None
    if scope["path"] == "/healthz/":
        return as_json(200, {"status": "ok"})
    if scope["path"] == "/readyz/":
        headers = {name: value.decode("latin1") for name, value in scope["headers"]}
        if not may_read("readyz", (scope.get("client") or ("",))[0], headers.get(b"authorization", "")):
            return as_json(404, {})
        found = readiness(*await asyncio.gather(DATABASE.answer(), BROKER.answer()))
        return as_json(found.status, found.as_dict())
    return None


LOOK_EVERY_S = 30.0
_looks: set[asyncio.Task[None]] = set()


async def look_at_start() -> None:
    """Asks the database before the first client comes, and then every half minute, to compare the clocks and to log the
    version of its time zones."""
    look = asyncio.get_running_loop().create_task(_look())
    _looks.add(look)
    look.add_done_callback(_looks.discard)
    await asyncio.wait({asyncio.ensure_future(DATABASE.answer())}, timeout=WAIT_S)


async def _look() -> None:
    if await DATABASE.answer() is None:
        log.info("timezones", **timezones.versions())
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        await DATABASE.answer()


async def stop_looking() -> None:
    """Stops asking, when the server ends."""
    for look in tuple(_looks):
        look.cancel()


def as_json(status: int, body: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Returns a JSON answer that no cache may store."""
    text = orjson.dumps(body)
    length = str(len(text)).encode()
    return (
        status,
        [(b"content-type", b"application/json"), (b"content-length", length), (b"cache-control", b"no-store")],
        text,
    )


# -- the same in a thread, for tests and servers that do not come through the event loop --------------------------------


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answers 200 while the process lives, without asking database or broker."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answers 200 when database and broker answer, else 503 with the names of those that don't."""
    if not may_look("readyz", request):
        return HttpResponse(status=404)
    found = readiness(DATABASE.wait(), BROKER.wait())
    return JsonResponse(found.as_dict(), status=found.status)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answers with metrics as Prometheus text, for loopback and clients with METRICS_TOKEN; other clients get 404."""
    return shown_metrics(request) if may_look("metrics", request) else HttpResponse(status=404)


@require_safe
def shown_metrics(request: HttpRequest) -> HttpResponse:
    """Answers with all metrics of this process, as Prometheus text."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


# -- who may ------------------------------------------------------------------------------------------------------------


def may_look(what: str, request: HttpRequest) -> bool:
    """Calls `may_read` for a Django request."""
    return may_read(what, request.META.get("REMOTE_ADDR", ""), request.headers.get("Authorization", ""))


def may_read(what: str, peer: str, authorization: str) -> bool:
    """Whether `what` is public (setting PUBLIC_PATHS), or the request comes over loopback or carries METRICS_TOKEN."""
    if what in settings.PUBLIC_PATHS:
        return True
    given = authorization.removeprefix("Bearer ")
    if settings.METRICS_TOKEN and secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    # Behind a proxy every request comes from the proxy, perhaps over loopback, so then only the token counts.
    return not settings.TRUSTED_PROXIES and is_loopback(peer)


def is_loopback(address: str) -> bool:
    """Whether the address is a loopback address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz/": live, "/readyz/": ready, "/metrics": metrics}
