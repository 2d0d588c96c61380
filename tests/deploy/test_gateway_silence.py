"""Servers that say nothing: what the gateway tells, and what it sends a second time."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

import httpx
import psutil
import pytest

from tests.deploy.fronts import dying_server, in_front_of_ports, silent_server
from tests.factories.accounts import make_token
from tests.factories.stays import day, make_property, make_user
from tests.servers import ServerProcess
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


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
            # The line is written after the answer has left.
            until(lambda: '"upstream_status":"504"' in gateway.log.read_text())
            assert client.get("/api/mylistings/", headers=headers).json()["code"] == "unavailable"
            page = client.post("/login/", data={"username": "x"}, headers={"accept": "text/html,*/*"})
            assert (page.status_code, "may or may not" in page.text) == (503, True)
        finally:
            process.resume()
        # On a busy machine a repeat may itself take longer than the second that this gateway waits.
        until(lambda: client.post("/api/reserve/", json=stay, headers=headers).status_code == 201)
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


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
