"""What is used of uvicorn's private classes is there, and where it may not be, uvicorn's own protocols serve."""

import ast
import asyncio
import inspect
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from core.server import http_protocol, serve, uvicorn_version, websocket_protocol
from tests.hub.tabs import Tab
from tests.negotiation.play import Play
from tests.servers import ServerProcess

# Every attribute of uvicorn's private classes that core/server/ reads, writes, calls or overrides.
USED: dict[Any, tuple[str, ...]] = {
    WebSocketsSansIOProtocol: (
        "loop", "queue", "writable", "transport", "scope", "conn", "request", "response",
        "handshake_initiated", "handshake_complete", "disconnected", "close_sent", "config", "logger", "read_paused",
        "ping_interval", "ping_timeout", "pending_ping_payload", "__dict__",
        "data_received", "connection_lost", "handle_connect", "handle_pong", "send", "receive",
        "start_keepalive", "stop_keepalive", "keepalive_timeout",
        "app", "connections", "tasks", "default_headers", "run_asgi", "close_timer", "close_timeout", "initial_response",
        "ping_timer", "pong_timer", "ping_sent_at", "last_ping_rtt", "curr_msg_data_type",
    ),
    HttpToolsProtocol: (
        "loop", "transport", "scope", "cycle", "connections", "parser", "url", "headers", "ws_protocol_class",
        "server_state", "flow", "scheme", "pipeline", "timeout_keep_alive", "timeout_keep_alive_task", "timeout_keep_alive_handler",
        "on_response_complete", "_unset_keepalive_if_required", "_start_asgi_task", *uvicorn_version.HTTP_METHODS,
    ),
    uvicorn.Server: (
        "servers", "should_exit", "force_exit", "handle_exit", "startup", "shutdown", "run", "config", "main_loop", "on_tick",
    ),
}  # fmt: skip
# Set later than the constructor: by the handshake, and by startup.
LATER = {"scope", "request", "response", "servers", "url"}
# What the constructor sets of a websocket and no plain handshake needs: what only `handle_connect` reads, or a frame sets first.
UNUSED = {"root_path", "asgi_version", "app_state", "server", "client", "scheme", "frames"}


@pytest.fixture
def instances() -> dict[Any, Any]:
    config = uvicorn.Config("asgi:application", interface="asgi3", log_config=None, log_level="warning")
    config.loaded_app, config.loaded = (lambda: None), True
    config.ws_protocol_class = None
    loop = asyncio.new_event_loop()
    try:
        return {
            WebSocketsSansIOProtocol: WebSocketsSansIOProtocol(config, ServerState(), {}, loop),
            HttpToolsProtocol: HttpToolsProtocol(config, ServerState(), {}, loop),
            uvicorn.Server: uvicorn.Server(config),
        }
    finally:
        loop.close()


def test_each_private_attribute_that_is_used_is_there(instances):
    for kind, names in USED.items():
        source = inspect.getsource(kind)
        missing = [name for name in names if not hasattr(instances[kind], name) and name not in LATER]
        missing += [name for name in LATER & {*names} if f"self.{name}" not in source]
        assert not missing, f"{kind.__name__} of uvicorn {uvicorn.__version__} has no {missing}"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (websocket_protocol.LeanWebSocket, WebSocketsSansIOProtocol),
        (http_protocol.BoundedHttp, HttpToolsProtocol),
        (serve.DrainingServer, uvicorn.Server),
    ],
)
def test_the_list_names_all_that_is_used(ours, theirs):
    """Each `self.x` of our classes is our own or in the list above, and so is each of uvicorn's that ours override."""
    own = [kind for kind in ours.__mro__ if issubclass(kind, theirs) and kind is not theirs]
    used = {node.attr for kind in own for node in ast.walk(ast.parse(inspect.getsource(kind))) if of_self(node)}
    names = {name for kind in own for name in vars(kind)}
    overridden = {name for name in names if hasattr(theirs, name) and not name.startswith("__")}
    assert used - names | overridden <= {*USED[theirs]}


async def test_a_plain_handshake_leaves_nothing_unset_that_uvicorns_constructor_sets(instances):
    theirs, http = instances[WebSocketsSansIOProtocol], instances[HttpToolsProtocol]
    http.loop, http.url, http.scope = asyncio.get_running_loop(), b"/ws/", {"extensions": {}}
    ours = websocket_protocol.LeanWebSocket.from_http(http, "key")
    missing = {name for name in vars(theirs) if not hasattr(ours, name)}
    assert missing == UNUSED
    for name in {*vars(theirs)} - missing - {*vars(ours)} - {"conn"}:
        assert getattr(ours, name) == getattr(theirs, name), name
    [task] = ours.tasks
    task.cancel()


def of_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def test_ours_were_written_for_the_version_that_is_installed():
    assert uvicorn_version.minor(uvicorn.__version__) == uvicorn_version.WRITTEN_FOR, (
        "read what changed in uvicorn's websockets_sansio_impl.py, then set WRITTEN_FOR in core/server/uvicorn_version.py"
    )
    assert uvicorn_version.protocols() == {"http": uvicorn_version.HTTP, "ws": uvicorn_version.WEBSOCKET}


def test_another_version_gets_uvicorns_own_websocket_and_a_warning(monkeypatch, caplog):
    monkeypatch.setattr(uvicorn, "__version__", "0.99.0")
    with caplog.at_level(logging.WARNING):
        assert uvicorn_version.protocols() == {"http": uvicorn_version.HTTP, "ws": "websockets-sansio"}
    assert "uvicorn 0.99.0 is not the 0.54" in caplog.text


def test_a_missing_method_gets_uvicorns_own_http_and_a_warning(monkeypatch, caplog):
    monkeypatch.setattr(uvicorn_version, "HTTP_METHODS", ("on_message_begin", "on_head"))
    with caplog.at_level(logging.WARNING):
        assert uvicorn_version.http_protocol() == "httptools"
    assert "has no on_head" in caplog.text


@pytest.fixture
def other(transactional_db: None) -> Iterator[ServerProcess]:
    process = ServerProcess(module=("tests.core.other_uvicorn",))
    yield process
    process.kill()


def test_two_haggle_over_uvicorns_own_websocket(other: ServerProcess):
    play = Play()
    play.open()
    with Tab(other.ws_url, play.guest) as guest, Tab(other.ws_url, play.host) as host:
        guest.welcome(), host.welcome()
        guest.call("negotiation.join", negotiation=play.negotiation.pk)
        host.call("offer.make", negotiation=play.negotiation.pk, amount="2900.00")
        assert guest.wait("entry", kind="offer.made", actor="host")["data"]["offer"]["amount"] == "2900.00"
    assert "uvicorn's own websocket protocol is used" in other.log.read_text()
