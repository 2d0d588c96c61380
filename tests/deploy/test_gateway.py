"""The shipped nginx configuration, asked as browsers, frontends and load balancers ask."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO

import httpx
import psutil
import pytest
from django.conf import settings
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from core.server.request_bodies import MB
from tests.agents.machine import Machine
from tests.deploy.conftest import a_directory
from tests.deploy.nginx import ROLES, SHIPPED, Gateway
from tests.factories.accounts import make_token
from tests.factories.agents import make_key
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import Play
from tests.servers import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Correct-horse-7"


@pytest.fixture
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=20) as asking:
        yield asking


def signed_up(client: httpx.Client, name: str = "rahim") -> str:
    """The token of a new account."""
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    answer = client.post("/auth/signup/", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def close_code(url: str, **options: object) -> int:
    with connect(url, **options) as live, pytest.raises(ConnectionClosed) as closed:  # type: ignore[arg-type]
        live.recv(10)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


# -- browsers ----------------------------------------------------------------------------------------------------------


def test_a_browser_signs_in_and_opens_the_live_socket_with_its_cookie(gateway: Gateway, client: httpx.Client) -> None:
    signed_up(client)
    form = {"username": "rahim", "password": PASSWORD, "csrfmiddlewaretoken": csrf(client)}
    answer = client.post("/login/", data=form, headers={"origin": gateway.url, "referer": f"{gateway.url}/login/"})
    assert answer.status_code == 302, answer.text
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(gateway.ws_url, origin=gateway.url, additional_headers={"Cookie": cookies}) as live:  # type: ignore[arg-type]
        assert json.loads(live.recv(10))["type"] == "welcome"


def csrf(client: httpx.Client) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/login/").text)
    assert found is not None
    return found[1]


def test_a_ticket_opens_the_socket_of_the_frontends_own_origin_and_no_foreign_one(
    gateway: Gateway, client: httpx.Client
) -> None:
    token = signed_up(client)
    ticket = client.post("/auth/ws-ticket/", headers={"Authorization": f"Token {token}"}).json()["ticket"]
    assert close_code(f"{gateway.ws_url}?ticket={ticket}", origin="https://elsewhere.example") == 4403
    with connect(f"{gateway.ws_url}?ticket={ticket}", origin=gateway.url) as live:  # type: ignore[arg-type]
        assert json.loads(live.recv(10))["type"] == "welcome"
    assert close_code(gateway.ws_url, origin=gateway.url) == 4401


def test_no_location_sets_a_header_and_so_loses_all_others() -> None:
    text = (SHIPPED / "nginx.conf").read_text()
    locations = re.findall(r"\n        location [^{]+\{(.*?)\n        \}", text, re.S)
    assert len(locations) > 5
    assert not [one for one in locations if "proxy_set_header" in one]


def test_a_picture_that_was_uploaded_is_served_to_everybody(gateway: Gateway, client: httpx.Client) -> None:
    token, picture = signed_up(client), BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    data_url = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    body = {"profile_picture": data_url}
    answer = client.patch("/auth/user/", json=body, headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 200, answer.text
    address = answer.json()["profile_picture"]
    assert address.startswith(f"{gateway.url}/media/")
    served = client.get(address)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    assert served.headers["content-security-policy"].startswith("default-src 'none'")
    assert served.headers["referrer-policy"] == "no-referrer"
    assert served.headers["x-content-type-options"] == "nosniff"
    missing = client.get("/media/profiles/none.jpg")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


# -- forged headers and limits -----------------------------------------------------------------------------------------


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


# -- silence -----------------------------------------------------------------------------------------------------------


def test_where_no_server_takes_a_request_nothing_was_done(free_port: int) -> None:
    with in_front_of_ports([free_port]) as gateway, httpx.Client(base_url=gateway.url) as client:
        for ask in (client.get, client.post, client.put):
            answer = ask("/api/reserve/")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0


def test_where_a_server_dies_with_the_request_nobody_says_that_nothing_was_done() -> None:
    with (
        dying_server() as (port, _),
        in_front_of_ports([port]) as gateway,
        httpx.Client(base_url=gateway.url) as client,
    ):
        answer = client.post("/api/reserve/", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "command.outcome_unknown")
        assert "nothing was done" not in answer.text
        page = client.post("/signup/", data={"a": "b"}, headers={"accept": "text/html,*/*"})
        assert (page.status_code, "may or may not" in page.text) == (503, True)
        assert client.get("/api/reserve/").json()["code"] == "unavailable"


def test_a_hub_that_says_nothing_is_waited_for_and_then_nobody_says_what_was_done(
    serve: Callable[..., ServerProcess],
) -> None:
    hub = serve(TRUSTED_PROXIES="1", RATE_LIMIT_FACTOR="1000")
    home, token = make_property(), make_token(make_user())[1]
    stay = {
        "property_id": home.pk, "start_date": str(day(0)), "end_date": str(day(3)), "number_of_guests": 1,
        "booking_type": "stay",
    }  # fmt: skip
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": "the-same"}
    process = psutil.Process(hub.process.pid)
    with in_front_of_ports([hub.port], waits_s=1) as gateway, httpx.Client(base_url=gateway.url, timeout=20) as client:
        process.suspend()
        try:
            answer = client.post("/api/reserve/", json=stay, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "command.outcome_unknown")
            assert int(answer.headers["retry-after"]) > 0
            assert '"upstream_status":"504"' in gateway.log.read_text()
            assert client.get("/api/mylistings/", headers=headers).json()["code"] == "unavailable"
            page = client.post("/login/", data={"username": "x"}, headers={"accept": "text/html,*/*"})
            assert (page.status_code, "may or may not" in page.text) == (503, True)
        finally:
            process.resume()
        again = client.post("/api/reserve/", json=stay, headers=headers)
        assert again.status_code == 201, again.text
    assert len(httpx.get(f"{hub.url}/api/upcoming_bookings/as_guest/", headers=headers).json()) == 1


def test_a_move_is_not_sent_to_a_second_hub_after_a_wait_for_the_first() -> None:
    with (
        silent_server() as (first, heads),
        silent_server() as (second, others),
        in_front_of_ports([first, second], waits_s=1) as gateway,
    ):
        answer = httpx.put(
            f"{gateway.url}/api/nego/update_status/7/", json={"negotiation_status": "accepted"}, timeout=20
        )
        assert answer.json()["code"] == "command.outcome_unknown"
    assert len(heads) + len(others) == 1


def test_a_put_that_goes_to_a_second_server_has_the_key_that_it_had_at_the_first() -> None:
    with (
        dying_server() as (first, heads),
        dying_server() as (second, others),
        in_front_of_ports([first, second]) as gateway,
    ):
        httpx.put(f"{gateway.url}/api/nego/host_proposed/7/", json={"host_price": "900"})
        httpx.put(f"{gateway.url}/api/nego/host_proposed/7/", json={}, headers={"Idempotency-Key": "mine"})
        httpx.post(f"{gateway.url}/api/nego/7/messages/", json={"text": "Hello"})
    keys = [re.search(rb"(?i)idempotency-key: (\S+)", head) for head in (*heads, *others)]
    given = sorted(found[1].decode() if found else "" for found in keys)
    assert given[0] == "", "a POST is sent once, and as it came"
    assert given.count("mine") == 2
    assert len(given) == 5
    assert len(set(given)) == 3


# -- logs --------------------------------------------------------------------------------------------------------------

SECRET = "mPq8-Zx_secretSecretSecret0123456789abcdefg"  # as long as a calendar's


def test_no_secret_of_an_address_reaches_a_log(gateway: Gateway, hub: ServerProcess, client: httpx.Client) -> None:
    for path in (f"/ical/{SECRET}.ics", f"/password/reset/Mg/{SECRET}/", f"/confirm/{SECRET}/", f"/{SECRET}",
                 f"/unsubscribe/{SECRET}/", f"/auth/login/?ticket={SECRET}", f"/nowhere/{SECRET}/"):  # fmt: skip
        assert client.get(path).status_code < 500
    assert close_code(f"{gateway.ws_url}?ticket={SECRET}", origin=gateway.url) == 4401
    with in_front_of_ports([1]) as alone:  # and where none answers
        httpx.get(f"{alone.url}/ical/{SECRET}.ics?ticket={SECRET}")
        assert SECRET not in alone.log.read_text()
    seen = gateway.log.read_text()
    assert SECRET not in seen
    assert '"route":"^ical/' in seen, "it is logged by its route"
    assert SECRET not in hub.log.read_text()


# -- the routes --------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_each_path_reaches_its_role(serve: Callable[..., ServerProcess]) -> None:
    """A signed-out caller is asked to sign in by the role that knows the path; every other role says 404."""
    common = {"TRUSTED_PROXIES": "1", "RATE_LIMIT_FACTOR": "1000"}
    ports = {role: [serve(SERVICES=role, **common).port] for role in ROLES}
    with running(Gateway(a_directory(), ports)) as gateway, httpx.Client(base_url=gateway.url) as client:
        for path in ("/api/mylistings/", "/host/api/mylistings/", "/api/notification/", "/guest/api/notification/",
                     "/api/upcoming_bookings/as_guest/", "/api/nego/as_guest/", "/auth/user/", "/auth/sessions/"):  # fmt: skip
            answer = client.get(path)
            assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "auth.required")
        assert client.get("/api/properties/search/").status_code == 200
        assert client.get("/").headers["content-type"].startswith("text/html")
        assert client.get("/static/core/tokens.css").status_code == 200
        assert client.get("/metrics").status_code == 404
        assert client.get("/healthz/").json() == {"status": "ok"}


@pytest.mark.long
def test_a_machine_haggles_and_waits_through_it(gateway: Gateway, rounds: Callable[[int, int], int]) -> None:
    """Longer than any other answer is waited for, under --long; its body has a limit of its own."""
    play = Play()
    room = play.open()
    with Machine(gateway.url, make_key(play.guest)) as guest:
        asked = {"negotiation": play.id, "after_seq": room.seq, "seconds": rounds(1, 14)}
        assert guest.ask("wait_for_change", **asked)["timed_out"] is True
        assert guest.send("tools/call", {"name": "x" * 70_000, "arguments": {}}).status_code == 413
        assert guest.ask("get_negotiation", negotiation=play.id)["negotiation"]["id"] == play.id
    assert httpx.get(f"{gateway.url}/mcp/").status_code == 405
    assert httpx.get(f"{gateway.url}/mcp/server-card").json()["remotes"][0]["url"] == f"{gateway.url}/mcp/"


def test_a_drained_hub_is_left_for_the_other(serve: Callable[..., ServerProcess]) -> None:
    first, second = (serve(number, SERVICES="negotiation", TRUSTED_PROXIES="1") for number in range(2))
    with in_front_of_ports([first.port, second.port]) as gateway:
        first.stop()
        assert [httpx.get(f"{gateway.url}/healthz/").status_code for _ in range(20)] == [200] * 20


# -- what stands behind ------------------------------------------------------------------------------------------------


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    try:
        yield gateway
    finally:
        gateway.stop()


@contextmanager
def in_front_of(hub: ServerProcess, balancer: str = "") -> Iterator[Gateway]:
    with running(Gateway(a_directory(), {role: [hub.port] for role in ROLES}, balancer=balancer)) as gateway:
        yield gateway


@contextmanager
def in_front_of_ports(ports: list[int], waits_s: int = 12) -> Iterator[Gateway]:
    with running(Gateway(a_directory(), dict.fromkeys(ROLES, ports), waits_s=waits_s)) as gateway:
        yield gateway


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def deaf_server(*, keeps: bool) -> Iterator[tuple[int, list[bytes]]]:
    """Takes each request, and ends the connection without an answer or keeps it open; its port, and the heads it saw."""
    heads: list[bytes] = []
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                    heads.append(kept[-1].recv(65_536))
                except OSError:
                    return
                if not keeps:
                    kept.pop().close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heads
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in kept:
            one.close()


dying_server, silent_server = partial(deaf_server, keeps=False), partial(deaf_server, keeps=True)


def test_the_files_are_the_gateways_to_read_and_documents_are_not() -> None:
    assert settings.FILE_UPLOAD_PERMISSIONS == 0o644
    assert settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS == 0o755
    private = settings.STORAGES["private"]["OPTIONS"]
    assert (private["file_permissions_mode"], private["directory_permissions_mode"]) == (0o600, 0o700)
