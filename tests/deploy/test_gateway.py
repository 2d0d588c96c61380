"""The shipped nginx configuration, in front of real role processes on loopback (bin/test --long)."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from core.local.embedded import die_with_parent, wait_until
from core.server.request_bodies import MB
from tests.servers import ROOT, ServerProcess

NGINX = ROOT / "deploy" / "nginx"
ROLES = ("auth", "host", "guest", "web")
PLACE = """
listen 127.0.0.1:{port};
set $seen_scheme $scheme;
client_body_temp_path {directory}/body;
proxy_temp_path {directory}/proxy;
location /media/ {{ root {directory}; }}
"""

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


class Gateway:
    """nginx with the product's configuration; only where things are differs."""

    def __init__(self, directory: Path, roles: dict[str, list[int]]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        shutil.copy(NGINX / "nginx.conf", directory)
        upstreams = [
            f"upstream {role} {{ {''.join(f'server 127.0.0.1:{p};' for p in ports)} }}" for role, ports in roles.items()
        ]
        (directory / "upstreams.conf").write_text("\n".join(upstreams))
        (directory / "place.conf").write_text(PLACE.format(port=self.port, directory=directory))
        self.log = directory / "nginx.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    nginx(),
                    "-p",
                    directory,
                    "-c",
                    directory / "nginx.conf",
                    "-g",
                    f"daemon off; pid {directory}/nginx.pid;",
                ],
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        wait_until(self.listens, self.process, self.log)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def nginx() -> str:
    """Debian's nginx; installed here where root may, since the run asked for it by --long."""
    if shutil.which("nginx") is None and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "-y", "-q", "nginx-light"], check=True, capture_output=True)
    return shutil.which("nginx") or "/usr/sbin/nginx"


@pytest.fixture
def gateway(serve: Callable[..., ServerProcess]) -> Iterator[Gateway]:
    common = {"TRUSTED_PROXIES": "1", "RATE_LIMIT_FACTOR": "1000"}
    roles = {role: [serve(SERVICES=role, **common).port] for role in ROLES}
    roles["negotiation"] = [serve(number, SERVICES="negotiation", **common).port for number in range(2)]
    directory = Path(tempfile.mkdtemp(prefix="nginx-", dir=os.environ["TEST_DIR"]))
    directory.chmod(0o755)
    running = Gateway(directory, roles)
    yield running
    running.stop()


def test_the_gateway_in_front_of_real_roles(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url, timeout=20) as client:
        each_path_reaches_its_role(client)
        token = an_account_is_made(client)
        bodies_are_limited(client)
        assert client.get("/metrics").status_code == 404
        assert client.get("/healthz/").json() == {"status": "ok"}
        ticket = client.post("/auth/ws-ticket/", headers={"Authorization": f"Token {token}"}).json()["ticket"]
    sockets_pass(gateway, token)
    tickets_stay_out_of_the_log(gateway, ticket)
    rates_are_limited(gateway)


def each_path_reaches_its_role(client: httpx.Client) -> None:
    """A signed-out caller is asked to sign in by the role that knows the path; every other role says 404."""
    for path in ("/api/mylistings/", "/host/api/mylistings/", "/api/notification/", "/guest/api/notification/",
                 "/api/upcoming_bookings/as_guest/", "/api/nego/as_guest/", "/auth/user/", "/auth/sessions/"):  # fmt: skip
        answer = client.get(path)
        assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "auth.required")
    assert client.get("/api/properties/search/").status_code == 200
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/static/core/tokens.css").status_code == 200


def an_account_is_made(client: httpx.Client) -> str:
    body = {"username": "rahim", "email": "rahim@example.com", "password": "Correct-horse-7"}
    answer = client.post("/auth/signup/", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def bodies_are_limited(client: httpx.Client) -> None:
    for path, limit in (("/auth/login/", MB), ("/auth/signup/", 12 * MB), ("/auth/documents/", 32 * MB)):
        answer = client.post(path, content=b"x" * (limit + 1), headers={"content-type": "application/json"})
        assert (path, answer.status_code, answer.json()["code"]) == (path, 413, "too_large")
    under = client.post("/auth/signup/", json={"username": "x", "first_name": "y" * (10 * MB)})
    assert under.status_code == 400


def sockets_pass(gateway: Gateway, token: str) -> None:
    url = gateway.url.replace("http", "ws") + "/ws/"
    with connect(url, additional_headers={"Authorization": f"Token {token}"}) as first:
        assert json.loads(first.recv(10))["type"] == "welcome"
    with connect(url) as stranger, pytest.raises(ConnectionClosed) as closed:
        stranger.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def tickets_stay_out_of_the_log(gateway: Gateway, ticket: str) -> None:
    with connect(f"{gateway.url.replace('http', 'ws')}/ws/?ticket={ticket}") as socket_:
        assert json.loads(socket_.recv(10))["type"] == "welcome"
    assert ticket not in gateway.log.read_text()


def rates_are_limited(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url) as client:
        answers = [client.get("/healthz/") for _ in range(600)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "rate_limited"
    assert refused[0].headers["retry-after"] == "1"


def test_a_drained_hub_is_left_for_the_other(serve: Callable[..., ServerProcess]) -> None:
    first, second = (serve(number, SERVICES="negotiation", TRUSTED_PROXIES="1") for number in range(2))
    directory = Path(tempfile.mkdtemp(prefix="nginx-", dir=os.environ["TEST_DIR"]))
    gateway = Gateway(directory, {role: [first.port, second.port] for role in (*ROLES, "negotiation")})
    try:
        first.stop()
        deadline = time.monotonic() + 10
        for _ in range(20):
            assert httpx.get(f"{gateway.url}/healthz/").status_code == 200
            assert time.monotonic() < deadline
        assert psutil.pid_exists(second.process.pid)
    finally:
        gateway.stop()
