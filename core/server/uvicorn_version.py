"""Which protocols a server process takes: ours, or uvicorn's own where uvicorn is not the version ours were written for.

Ours are subclasses of classes that uvicorn does not promise to keep. `LeanWebSocket` replaces queues and lets the request go
at a moment that only the code of one version shows to be safe, so another version gets uvicorn's own websocket protocol: the
same frames, some 9 KB more an idle socket, and a reader that has stalled is let go by the ping instead of after 15 s.
`BoundedHttp` adds to methods that it calls, so it stays as long as these are there: without it a client may take for ever over
the head of a request.
"""

import logging
from typing import Any

import uvicorn
from uvicorn.config import WS_PROTOCOLS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)

# Read the difference of uvicorn/protocols/websockets/websockets_sansio_impl.py before this number goes up;
# tests/core/test_uvicorn_version.py names what is used of it.
WRITTEN_FOR = "0.54"

HTTP, OWN_HTTP = "core.server.http_protocol:BoundedHttp", "httptools"
WEBSOCKET = "core.server.websocket_protocol:LeanWebSocket"

# What BoundedHttp calls or overrides; the constructor sets `loop`, `transport` and `scope`.
HTTP_METHODS = (
    "connection_made",
    "connection_lost",
    "data_received",
    "on_message_begin",
    "on_headers_complete",
    "send_400_response",
    "pause_writing",
    "resume_writing",
    "handle_websocket_upgrade",
)


def minor(version: str) -> str:
    """'0.54.2' → '0.54'."""
    return ".".join(version.split(".")[:2])


def protocols() -> dict[str, Any]:
    """uvicorn.Config's `http` and `ws`, with a warning for each that is not ours."""
    return {"http": http_protocol(), "ws": websocket_protocol()}


def http_protocol() -> str:
    missing = [name for name in HTTP_METHODS if not hasattr(HttpToolsProtocol, name)]
    if not missing:
        return HTTP
    log.warning(
        "uvicorn %s has no %s: its own HTTP protocol is used, which sets no time for the head of a request",
        uvicorn.__version__,
        ", ".join(missing),
    )
    return OWN_HTTP


def websocket_protocol() -> str:
    if minor(uvicorn.__version__) == WRITTEN_FOR:
        return WEBSOCKET
    log.warning(
        "uvicorn %s is not the %s that core.server.websocket_protocol was written for: "
        "uvicorn's own websocket protocol is used, with some 9 KB more a socket",
        uvicorn.__version__,
        WRITTEN_FOR,
    )
    return "websockets-sansio" if "websockets-sansio" in WS_PROTOCOLS else "auto"
