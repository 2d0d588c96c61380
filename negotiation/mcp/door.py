"""`/mcp/` as an ASGI application: it decides who may come in and how much they may send; the SDK handles the protocol.

It replaces the SDK's own application, which would answer a missing key with the address of an authorization server that does
not exist, keep an idle stream open for each `GET`, and check hosts by another list than the rest of the product.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.selectors.mandates import AgentIdentity
from core.api.client_address import address_of
from core.api.rate_limits import ANONYMOUS_SHARE, take_rest
from core.errors import MESSAGES, STATUS, Code, DomainError
from core.live.base_url import base_url
from core.live.hub import hub
from core.live.origin_check import origin_allowed
from core.server import lifespan, request_bodies
from core.server.answers import Headers, readable_from, send_answer
from core.web import service_routing
from negotiation.mcp import waits
from negotiation.mcp.agents import identify

if TYPE_CHECKING:
    from negotiation.mcp.manager import Manager

log = structlog.get_logger(__name__)

PATHS = ("/mcp/", "/mcp")
MAX_BODY = 64 * 1024
LONGEST_KEY = 200
CLOSING = (b"connection", b"close")
Answer = tuple[int, Headers, bytes]


class Refused(Exception):
    """Ends the request with a refusal."""

    def __init__(
        self, status: int, code: Code, message: str = "", *headers: tuple[bytes, bytes], wait_s: float = 0
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message or MESSAGES[code], headers
        self.params = {"retry_after": max(1, round(wait_s))} if wait_s else {}

    def answer(self, scope: Any) -> Answer:
        """Answers with the product's error object, and closes the connection, since part of the body may be unread."""
        body = orjson.dumps({"code": self.code, "message": self.message, "params": self.params, "fields": {}})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *self.headers,
            *readable_from(scope),
            CLOSING,
        ]
        if self.params:
            headers.append((b"retry-after", str(self.params["retry_after"]).encode()))
        return self.status, headers, body


class Door:
    """The application; one for each process.

    The SDK and its models take 50 MB, and as long to load as half of everything else, so a process loads them for its first
    machine. That machine waits for about a second, while everyone else is served.
    """

    def __init__(self) -> None:
        self.loading: asyncio.Future[type[Manager]] | None = None
        self.manager: Manager | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            agent = await admit(scope)
            body = await read_body(scope, receive)
        except Refused as refused:
            await send_answer(scope, send, *refused.answer(scope))
            return
        manager, inner = await self.open(), {**scope, "path": PATHS[0]}
        await manager.answer(agent, base_url(scope), body, inner, receive, polite(send))

    async def open(self) -> Manager:
        """The manager of this event loop, made for its first machine."""
        loop = asyncio.get_running_loop()
        if self.manager is None or not self.manager.lives():
            if self.loading is None or self.loading.get_loop() is not loop:
                self.loading = loop.run_in_executor(None, load)
            # Shielded: a client that hangs up does not end the loading for the others.
            made = await asyncio.shield(self.loading)
            if self.manager is None or not self.manager.lives():
                self.manager = made(MAX_BODY)
        return self.manager

    async def stop(self) -> None:
        """With the server."""
        if self.manager is not None and self.manager.lives():
            await self.manager.stop()


def load() -> type[Manager]:
    """Loads the manager's class in a thread, so that sockets are served meanwhile."""
    made: type[Manager] = importlib.import_module("negotiation.mcp.manager").Manager
    # As after the server's start: loaded modules stay, so the garbage collector need not look at them again.
    gc.freeze()
    return made


door = Door()


def answers(scope: Any) -> bool:
    """Whether the request is for this door."""
    return scope["path"] in PATHS


# -- who may come in ---------------------------------------------------------------------------------------------------


async def admit(scope: Any) -> AgentIdentity:
    """Finds the machine's mandate. Raises Refused. Cheap checks come first, the key last."""
    if not service_routing.answers(scope["path"]):
        raise Refused(404, Code.NOT_FOUND)
    if scope["method"] != "POST":
        raise Refused(405, Code.METHOD_NOT_ALLOWED, "", (b"allow", b"POST"))
    headers = dict(scope["headers"])
    check_host(headers)
    agent = await identified(scope, headers)
    if wait := take_rest(f"mandate:{agent.mandate_id}"):
        raise Refused(429, Code.RATE_LIMITED, wait_s=wait)
    return agent


def check_host(headers: Mapping[bytes, bytes]) -> None:
    """Refuses pages of other sites, and host names that another DNS zone points at us."""
    host = headers.get(b"host", b"").decode("latin1").lower()
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        raise Refused(421, Code.NOT_FOUND, "This server does not go by that name.")
    if not origin_allowed(dict(headers)):
        raise Refused(403, Code.NOT_ALLOWED, "This origin is not allowed here.")


async def identified(scope: Any, headers: Mapping[bytes, bytes]) -> AgentIdentity:
    """The mandate of the key. A missing, wrong or ended key and a person's own token get the same answer."""
    key = bearer(headers)
    try:
        agent = await identify(key) if key else None
    except DomainError as error:
        raise Refused(STATUS[error.code], error.code) from error
    if agent is not None:
        return agent
    forwarded = headers.get(b"x-forwarded-for", b"").decode("latin1")
    address = address_of((scope.get("client") or ("",))[0], forwarded)
    if wait := take_rest(f"address:{address}", ANONYMOUS_SHARE):
        raise Refused(429, Code.RATE_LIMITED, wait_s=wait)
    message = "Send a mandate's key: Authorization: Bearer <key>."
    raise Refused(401, Code.AUTH_REQUIRED, message, (b"www-authenticate", b"Bearer"))


def bearer(headers: Mapping[bytes, bytes]) -> str:
    """The key, or "" where there is none that could be one."""
    scheme, _, key = headers.get(b"authorization", b"").decode("latin1").partition(" ")
    key = key.strip()
    return key if scheme.lower() == "bearer" and key.isascii() and 0 < len(key) <= LONGEST_KEY else ""


# -- the body ----------------------------------------------------------------------------------------------------------


async def read_body(scope: Any, receive: Any) -> bytes:
    """Reads the whole body. Raises Refused for one that is too large or does not come."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise Refused(413, Code.TOO_LARGE)
    try:
        body = BytesIO()
        await request_bodies.pour(receive, MAX_BODY, body)
    except request_bodies.TooLarge:
        raise Refused(413, Code.TOO_LARGE) from None
    except request_bodies.TooMuch:
        raise Refused(503, Code.UNAVAILABLE, wait_s=1) from None
    except request_bodies.Incomplete:
        raise Refused(400, Code.COMMAND_MALFORMED, "The body did not arrive.") from None
    return body.getvalue()


def polite(send: Any) -> Any:
    """A `send` that forbids caches to keep its answers, and closes connections while the server drains."""

    async def sender(message: Any) -> None:
        if message["type"] == "http.response.start":
            closing = [CLOSING] if hub().draining else []
            message = {**message, "headers": [*message["headers"], (b"cache-control", b"no-store"), *closing]}
        await send(message)

    return sender


# -- with the server ---------------------------------------------------------------------------------------------------


def install() -> None:
    """Starts and stops the door with the server process."""
    from core.live import hub as hubs

    hubs.on_new_hub.append(waits.prepare)
    lifespan.on_drain.insert(0, waits.drain)
    lifespan.on_shutdown.append(door.stop)
