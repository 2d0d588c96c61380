"""Chooses the protocols of a server process: ours, or uvicorn's own where ours were written for another version of uvicorn.

Ours are subclasses of classes that uvicorn does not promise to keep. `LeanWebSocket` replaces queues, and drops the request
at a moment that is known to be safe only in one version. Under another version uvicorn's own websocket protocol is used: it
sends the same frames, takes some 9 KB more for an idle socket, and ends a stalled reader after a ping instead of after 15 s.
`BoundedHttp` is used as long as the methods exist that it extends, since without it a client may take for ever to send the head of
a request; under another version it leaves out what it replaces.
"""

import logging
from typing import Any

import uvicorn
from uvicorn.config import WS_PROTOCOLS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)

# Read the changes in uvicorn/protocols/websockets/websockets_sansio_impl.py before you raise this number;
# tests/core/test_uvicorn_version.py names what we use of that file.
WRITTEN_FOR = "0.54"

HTTP, OWN_HTTP = "core.server.http_protocol:BoundedHttp", "httptools"
WEBSOCKET = "core.server.websocket_protocol:LeanWebSocket"

# The methods that BoundedHttp calls or overrides. It also uses `loop`, `transport` and `scope`, which the constructor sets.
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
    """Returns the first two parts of a version: '0.54.2' → '0.54'."""
    return ".".join(version.split(".")[:2])


def protocols() -> dict[str, Any]:
    """Returns `http` and `ws` for uvicorn.Config, and logs a warning for each that is not ours."""
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
