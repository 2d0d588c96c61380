"""The one application object: websockets on the event loop, HTTP through Django's WSGI handler.

Why WSGI under ASGI: Django's ASGI handler gives each request of a sync view a new thread and so a new database
connection; a fixed pool of threads with connections of their own answers about twice as many requests.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")

import django

django.setup(set_prefix=False)  # which the imports below need

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from core.database.lane import close_lane
from core.live.origin_check import OriginCheck
from core.server import health, lifespan
from core.server.answers import send_answer
from core.server.replies import Reply
from core.web.rest_chain import RestAwareHandler
from core.web.wsgi_bridge import WsgiBridge
from negotiation.live.routing import websocket_urlpatterns
from negotiation.mcp import door as agents

# The threads look at their connections themselves, once before each request (core.database.threads).
for signal in (request_started, request_finished):
    signal.disconnect(close_old_connections)
http = WsgiBridge(RestAwareHandler(), settings.HTTP_THREADS)


async def close_http() -> None:
    http.close()


agents.install()
lifespan.on_startup.append(health.look_at_start)
lifespan.on_shutdown.append(close_lane)
lifespan.on_shutdown.append(close_http)
lifespan.on_shutdown.append(health.stop_looking)


async def answer_http(scope: Any, receive: Any, send: Any) -> None:
    """HTTP: how the process is, and machines, on the event loop; everything else through Django's WSGI handler."""
    if scope["path"].startswith("/api/"):
        await http(scope, receive, send)
    elif answer := await health.answer(scope):
        await send_answer(scope, send, *answer)
    elif agents.answers(scope):
        await agents.door(scope, receive, send)
    else:
        await http(scope, receive, send)


class Application(ProtocolTypeRouter):
    """The application, which begins requests of REST that bring no body without a task of their own."""

    def begin(self, scope: Any, reply: Reply) -> bool:
        """What our own server asks first; see `WsgiBridge.begin`."""
        return scope["path"].startswith("/api/") and http.begin(scope, reply)


application = Application(
    {
        "http": answer_http,
        "websocket": OriginCheck(URLRouter(websocket_urlpatterns)),
        "lifespan": lifespan.lifespan,
    }
)
