"""Refuses websockets from pages of other sites, before they reach the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core.live.socket import BAD_ORIGIN, Socket

Application = Callable[[Any, Any, Any], Awaitable[Any]]


class OriginCheck:
    """An ASGI application around another. It accepts sockets from other origins only to close them with 4403.

    Channels' own validator refuses the handshake, and a browser gives its page no reason for that. `__call__` is no
    coroutine, because every idle socket would then keep one more in memory.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[Any]:
        if origin_allowed(dict(scope["headers"])):
            return self.application(scope, receive, send)
        return refuse(receive, send)


async def refuse(receive: Any, send: Any) -> None:
    """Accepts and closes with 4403: a browser gives its page the code only after an accept."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    Socket(send).close(BAD_ORIGIN)


def origin_allowed(headers: dict[bytes, bytes]) -> bool:
    """Whether the handshake has no Origin, or one that is this host or is allowed to use the API from elsewhere."""
    origin = headers.get(b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1").lower()
    if text in settings.CORS_ALLOWED_ORIGINS:
        return True
    host = headers.get(b"host", b"").decode("latin-1").lower()
    try:
        given = urlsplit(text)
        same = given.scheme in ("http", "https") and bool(host) and given.netloc == host
    except ValueError:
        return False
    return same and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
