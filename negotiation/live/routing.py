"""The live door: what answers a websocket."""

from __future__ import annotations

from core.live import hub
from negotiation.live import hub_setup
from negotiation.live.consumers import websocket

__all__ = ["websocket"]

hub.on_new_hub.append(hub_setup.prepare)
hub.install()
