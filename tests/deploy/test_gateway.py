"""The shipped nginx configuration, asked as browsers, frontends and load balancers ask."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from django.conf import settings
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.agents.machine import Machine
from tests.deploy.conftest import a_directory
from tests.deploy.fronts import in_front_of_ports, running
from tests.deploy.nginx import ROLES, SHIPPED, Gateway
from tests.factories.agents import make_key
from tests.negotiation.play import Play
from tests.servers import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Correct-horse-7"


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
        large = {"name": "get_negotiation", "arguments": {"negotiation": play.id, "note": "x" * 70_000}}
        assert guest.send("tools/call", large).status_code == 413
        assert guest.ask("get_negotiation", negotiation=play.id)["negotiation"]["id"] == play.id
    assert httpx.get(f"{gateway.url}/mcp/").status_code == 405
    assert httpx.get(f"{gateway.url}/mcp/server-card").json()["remotes"][0]["url"] == f"{gateway.url}/mcp/"


def test_a_drained_hub_is_left_for_the_other(serve: Callable[..., ServerProcess]) -> None:
    first, second = (serve(number, SERVICES="negotiation", TRUSTED_PROXIES="1") for number in range(2))
    with in_front_of_ports([first.port, second.port]) as gateway:
        first.stop()
        assert [httpx.get(f"{gateway.url}/healthz/").status_code for _ in range(20)] == [200] * 20


def test_the_files_are_the_gateways_to_read_and_documents_are_not() -> None:
    assert settings.FILE_UPLOAD_PERMISSIONS == 0o644
    assert settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS == 0o755
    private = settings.STORAGES["private"]["OPTIONS"]
    assert (private["file_permissions_mode"], private["directory_permissions_mode"]) == (0o600, 0o700)
