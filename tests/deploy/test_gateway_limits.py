"""What the gateway limits: rates by address, sockets, bodies, headers; and how it refuses."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import connect

from core.server.request_bodies import MB
from tests.deploy.fronts import in_front_of
from tests.deploy.nginx import Gateway
from tests.factories.accounts import make_token
from tests.factories.stays import day, make_host, make_property, make_user
from tests.servers import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_forged_address_is_counted_as_the_one_it_comes_from(serve: Callable[..., ServerProcess]) -> None:
    hub = serve(TRUSTED_PROXIES="1", RATE_LIMIT_FACTOR="0.1")
    with in_front_of(hub) as gateway, httpx.Client(base_url=gateway.url) as client:
        codes = [
            client.get("/api/properties/search/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(45)
        ]
    assert codes[0] == 200
    assert 429 in codes


def test_sockets_of_one_address_leave_its_pages_alone(gateway: Gateway) -> None:
    headers = {"Authorization": f"Token {make_token(make_user())[1]}"}
    with ExitStack() as live:
        for _ in range(210):
            one = live.enter_context(connect(gateway.ws_url, additional_headers=headers, close_timeout=0))
            assert json.loads(one.recv(10))["type"] == "welcome"
        assert httpx.get(f"{gateway.url}/").status_code == 200


def test_rates_are_limited_in_the_form_that_was_asked_for(gateway: Gateway) -> None:
    answers = many(gateway, {}) + many(gateway, {"Accept": "text/html,*/*"})
    assert answers.startswith("HTTP/1.1 404")
    assert "HTTP/1.1 429" in answers
    assert '"code":"rate_limited"' in answers
    assert "Retry-After: 1" in answers
    assert "Wait a moment" in answers


def test_behind_a_load_balancer_each_client_has_its_own_limits(hub: ServerProcess) -> None:
    with in_front_of(hub, balancer="127.0.0.1") as gateway, httpx.Client(base_url=gateway.url) as client:
        eager = "".join(many(gateway, of(f"2001:db8:1:2::{n:x}"), 450) for n in (1, 0xFFFF))
        assert "HTTP/1.1 429" in eager, "one household's /64 counts as one"
        assert client.get("/media/x.jpg", headers=of("2001:db8:1:3::1")).status_code == 404
        assert client.get("/media/x.jpg", headers=of("198.51.100.7")).status_code == 404
        secure = client.get("/", headers=of("198.51.100.7") | {"X-Forwarded-Proto": "https"})
        assert secure.status_code == 200


def many(gateway: Gateway, headers: dict[str, str], times: int = 900) -> str:
    """What comes of so many requests at once, one after the other over one connection."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    last = f"GET /media/x.jpg HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall((last.replace("Connection: close\r\n", "") * (times - 1) + last).encode())
        with client.makefile("rb") as answers:
            return answers.read().decode()


def of(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": f"203.0.113.9, {address}"}


def test_bodies_are_limited(client: httpx.Client) -> None:
    for path, limit in (("/auth/login/", MB), ("/auth/signup/", 12 * MB), ("/auth/documents/", 32 * MB)):
        answer = client.post(path, content=b"x" * (limit + 1), headers={"content-type": "application/json"})
        assert (path, answer.status_code, answer.json()["code"]) == (path, 413, "too_large")
    for path in ("/api/property/7/calendars/", "/host/api/property/7/calendars/"):
        answer = client.post(path, content=b"x" * (4 * MB + 1))
        assert (path, answer.status_code, answer.json()["code"]) == (path, 413, "too_large")
    for path, limit in (("/profile/password/", MB), ("/profile/", 12 * MB), ("/hosting/7/step/2/", 32 * MB)):
        browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        answer = client.post(path, content=b"x" * (limit + 1), headers=browser)
        assert (path, answer.status_code, "<h1>Too large</h1>" in answer.text) == (path, 413, True)
        under = client.post(path, content=b"x" * (limit - MB // 2), headers=browser)
        assert (path, under.status_code) == (path, 403)  # by the form's own check: it came through


def test_a_calendar_of_two_megabytes_comes_through(client: httpx.Client) -> None:
    user = make_host()
    home = make_property(user)
    headers = {"Authorization": f"Token {make_token(user)[1]}"}
    note = f"X-NOTE:{'x' * 20_000}\r\nEND:VEVENT\r\n"
    stays = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@elsewhere.example\r\nDTSTART;VALUE=DATE:{day(n):%Y%m%d}\r\n{note}" for n in range(90)
    )
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Elsewhere//EN\r\n{stays}END:VCALENDAR\r\n".encode()
    assert len(calendar) > 1.7 * MB
    files = {"file": ("stays.ics", calendar, "text/calendar")}
    answer = client.post(
        f"/api/property/{home.pk}/calendars/", data={"name": "Elsewhere"}, files=files, headers=headers
    )
    assert (answer.status_code, answer.json().get("events")) == (201, 90), answer.text
    larger = {"file": ("stays.ics", calendar + b" " * MB, "text/calendar")}
    answer = client.post(f"/api/property/{home.pk}/calendars/", data={"name": "More"}, files=larger, headers=headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (413, ["file"]), "by the product, which names it"


@pytest.mark.parametrize(
    ("request_line", "header", "status", "code"),
    [
        ("GET / HTTP/1.1", f"X-Long: {'x' * 20_000}", 400, "command.malformed"),
        ("GET / HTTP/1.1", "Transfer-Encoding: wonderful", 400, "command.malformed"),
        ("GET / HTTP/1.1", "Content-Length: some", 400, "command.malformed"),
        ("TRACE / HTTP/1.1", "", 405, "method_not_allowed"),
    ],
)  # fmt: skip
def test_what_the_gateway_refuses_itself_has_the_form_of_every_refusal(
    gateway: Gateway, request_line: str, header: str, status: int, code: str
) -> None:
    answer = told(gateway, f"{request_line}\r\nHost: localhost\r\n{header}".strip())
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert json.loads(answer.partition("\r\n\r\n")[2])["code"] == code
    page = told(gateway, f"{request_line}\r\nHost: localhost\r\nAccept: text/html,*/*\r\n{header}".strip())
    assert "text/html" in page
    assert "<h1>" in page


def test_an_address_that_is_too_long_is_refused_before_its_headers_are_read(gateway: Gateway) -> None:
    answer = told(gateway, f"GET /?{'x' * 20_000} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html")
    assert answer.startswith("HTTP/1.1 400 ")
    assert '"code":"command.malformed"' in answer


def told(gateway: Gateway, head: str) -> str:
    """The whole answer to a request with this head."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as client:
        client.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
        with client.makefile("rb") as answer:
            return answer.read().decode()
