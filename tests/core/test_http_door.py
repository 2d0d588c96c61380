"""The HTTP door of a real server process: bodies, heads and bytes that no framework test client would send."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from core.server import request_bodies
from tests.servers import ServerProcess

# Alone, too: pytest-django makes the database only where a test says that it wants one.
pytestmark = pytest.mark.django_db
END = b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[ServerProcess]:
    """One for all that is asked here: nothing of it is ever written."""
    process = ServerProcess()
    yield process
    process.stop()


@pytest.fixture
def raw(server: ServerProcess) -> Iterator[Callable[[bytes], tuple[int, bytes]]]:
    def exchange(sent: bytes) -> tuple[int, bytes]:
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            received = b""
            try:
                connection.sendall(sent)
                while part := connection.recv(65536):
                    received += part
            except ConnectionError:
                pass  # the server may hang up on a body it does not read
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    yield exchange
    assert "Traceback" not in server.log.read_text()


def post(path: str, body: bytes, declared: int | None = None) -> bytes:
    length = len(body) if declared is None else declared
    return (
        f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n".encode() + END + body
    )


def chunked(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n".encode()
    return head + END + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def test_no_bytes_of_a_client_make_a_500(raw: Callable[[bytes], tuple[int, bytes]]) -> None:
    for line in (
        b"GET /auth/x/?q=\xff\xfe HTTP/1.1\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n",
        b"GET /%ff%00x HTTP/1.1\r\n",
        b"GET //evil/%2e%2e/ HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"GET /healthz/?a=%ud800 HTTP/1.1\r\nCookie: sessionid=\xff\r\nAuthorization: Token \xe9\r\n",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n",
        b"POST /auth/login/ HTTP/1.1\r\nContent-Type: application/json; charset*=nonsense''x\r\n",
        b"GET /api/properties/search/ HTTP/1.1\r\nAccept: text/html;q*=nonsense''x, */*;q=0.1\r\n",
        b"GET /api/properties/search/ HTTP/1.1\r\nAccept: application/xml\r\n",
        b"GET /api/properties/search/ HTTP/1.1\r\nAccept: " + b"x" * 12_000 + b"\r\n",
    ):
        assert raw(line + END)[0] < 500, line


def test_a_declared_body_over_the_limit_is_refused_unread(raw: Callable[[bytes], tuple[int, bytes]]) -> None:
    status, body = raw(post("/auth/login/", b"", declared=request_bodies.MB + 1))
    assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_body_that_declares_no_length_is_counted(raw: Callable[[bytes], tuple[int, bytes]]) -> None:
    assert raw(chunked("/auth/login/", b"x" * (request_bodies.MB + 1)))[0] == 413


def browsers(path: str, body: bytes, declared: int) -> bytes:
    return post(path, body, declared).replace(
        b"\r\n", b"\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n", 1
    )


def test_a_form_over_the_limit_is_refused_as_a_page(raw: Callable[[bytes], tuple[int, bytes]]) -> None:
    """Though the browser is still sending: what it sends is read and dropped, or it would show a broken connection."""
    body = b"x" * (3 * request_bodies.MB)
    status, page = raw(browsers("/profile/password/", body, len(body)))
    assert (status, b"<h1>That is too large</h1>" in page, b"1 MB" in page) == (413, True, True)
    status, body = raw(browsers("/auth/login/", body, len(body)))
    assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_websocket_anywhere_else_is_not_found(raw: Callable[[bytes], tuple[int, bytes]]) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nHost: 127.0.0.1\r\n\r\n"
    assert raw(b"GET /elsewhere/ HTTP/1.1\r\n" + upgrade + key)[0] == 404


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [
        ("/auth/login/", 1),
        ("/auth/signup/", 12),
        ("/auth/user/", 12),
        ("/auth/documents/", 32),
        ("/api/property_registration/step2/7/", 32),
        ("/api/property_registration/step2/7/photos/", 32),
        ("/host/api/property_registration/step5/7/", 12),
        ("/api/property_registration/step7/7/", 1),
        ("/profile/", 12),
        ("/profile/documents/", 32),
        ("/profile/password/", 1),
        ("/hosting/new/", 12),
        ("/hosting/7/step/2/", 32),
        ("/hosting/7/step/5/", 12),
        ("/hosting/7/step/4/", 1),
    ],
)
def test_each_route_has_its_limit(path: str, megabytes: int) -> None:
    assert request_bodies.limit_of(path) == megabytes * request_bodies.MB


def test_a_server_that_is_told_to_end_ends_cleanly(serve: Callable[..., ServerProcess]) -> None:
    assert serve().stop() == 0


def test_a_role_answers_its_own_paths_only(serve: Callable[..., ServerProcess]) -> None:
    server = serve(SERVICES="auth")
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"GET /api/mylistings/ HTTP/1.1\r\n" + END)
        assert b"404" in connection.recv(4096)
