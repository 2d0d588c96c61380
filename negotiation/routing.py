"""The live door: what answers a websocket."""

from typing import Any

from channels.routing import URLRouter

websocket: Any = URLRouter([])
