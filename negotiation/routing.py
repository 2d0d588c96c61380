"""The live door: what answers a websocket."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from django.urls import path

from core import hub
from negotiation import live
from negotiation.consumers import websocket as session

hub.on_new_hub.append(live.prepare)
hub.install()

websocket: Any = URLRouter([path("ws/", session)])
