"""The live door: what answers a websocket."""

from __future__ import annotations

from core import hub
from negotiation import live
from negotiation.consumers import websocket

__all__ = ["websocket"]

hub.on_new_hub.append(live.prepare)
hub.install()
