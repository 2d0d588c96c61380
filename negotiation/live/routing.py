"""Routes each websocket path to its consumer."""

from __future__ import annotations

from typing import Any

from django.urls import re_path

from core.live import hub
from core.server import lifespan
from core.web import service_routing
from negotiation.live import hub_setup, used_tokens
from negotiation.live.consumers import NegotiationConsumer


async def nothing_here(scope: Any, receive: Any, send: Any) -> None:
    """Refuses the handshake on any other path, and on this path in a process that does not serve it."""
    await service_routing.refuse_socket(receive, send)


# URLRouter uses Django's routes, with ASGI applications instead of views.
_here: Any = NegotiationConsumer.as_asgi() if service_routing.answers(service_routing.SOCKET_PATH) else nothing_here
_elsewhere: Any = nothing_here
websocket_urlpatterns = [re_path(r"^ws/\Z", _here), re_path(r"", _elsewhere)]

hub.on_new_hub.append(hub_setup.prepare)
hub.install()
lifespan.on_drain.append(used_tokens.note_the_rest)
