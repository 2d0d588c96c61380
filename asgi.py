"""The one application object: websockets on the event loop, HTTP through Django's WSGI handler.

Why WSGI under ASGI: Django's ASGI handler gives each request of a sync view a new thread and so a new database
connection; a fixed pool of threads with connections of their own answers about twice as many requests.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")

import django

django.setup()

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from core.lifespan import lifespan
from negotiation.routing import websocket

HTTP_THREADS = int(os.environ.get("HTTP_THREADS", "8"))

http: Any = WSGIMiddleware(get_wsgi_application(), workers=HTTP_THREADS)
DOORS = {"http": http, "websocket": websocket, "lifespan": lifespan}


async def application(scope: Any, receive: Any, send: Any) -> None:
    await DOORS[scope["type"]](scope, receive, send)
