"""Who gets through the door, and what those who don't are told."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx2
import pytest

from core.api.rate_limits import ANONYMOUS_SHARE, REST_BURST
from tests.agents.machine import ERAS, HANDSHAKE, MODERN, Machine
from tests.factories.accounts import make_mandate, make_token, make_user
from tests.factories.agents import make_key

NEGOTIATION = {"SERVICES": "auth", "RATE_LIMIT_FACTOR": "1000000"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/mcp/", "/mcp"])
def test_only_posts_are_answered(server, method, path):
    """A GET would be kept open for ever without a word: clients that open one go on without it."""
    answer = httpx2.request(method, server.url + path, headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("era", ERAS)
def test_a_key_that_opens_nothing_is_a_plain_401(server, transactional_db, era):
    user = make_user()
    mandate, ended = make_mandate(user)
    mandate.delete()
    for key in ("", "wrong", "agent_wrong", ended, make_token(user)[1], "a b", "é", "x" * 5000):
        with Machine(server.url, "", era) as machine:
            headers = {"Authorization": f"Bearer {key}".encode()} if key else {}
            answer = machine.send("tools/list", {}, **headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["code"] == "auth.required"
        assert "oauth" not in answer.text.lower()


def test_the_key_in_another_scheme_or_in_the_address_opens_nothing(server, play):
    key = make_key(play.guest)
    for headers, query in (({"Authorization": f"Token {key}"}, ""), ({}, f"?key={key}&token={key}")):
        answer = httpx2.post(f"{server.url}/mcp/{query}", headers=headers, json={})
        assert answer.status_code == 401


def at_once(count, ask):
    """What so many calls come to, sixteen at a time: faster than any allowance fills up again."""
    with ThreadPoolExecutor(16) as pool:
        return [call.result() for call in [pool.submit(ask) for _ in range(count)]]


@pytest.fixture
def scarce(serve, transactional_db):
    """A server process with a tenth of every allowance: it is used up before it fills, also on a slow machine."""
    return serve(RATE_LIMIT_FACTOR="0.1")


def test_bad_keys_are_held_back_by_address(scarce):
    with Machine(scarce.url, "agent_wrong") as machine:
        answers = at_once(REST_BURST, lambda: machine.send("tools/list"))
    assert [answer.status_code for answer in answers].count(401) >= REST_BURST * ANONYMOUS_SHARE / 10
    late = next(answer for answer in answers if answer.status_code == 429)
    assert int(late.headers["retry-after"]) == late.json()["params"]["retry_after"] >= 1


def test_calls_are_limited_by_key_and_person(scarce, play):
    one, other = make_key(play.guest), make_key(play.guest)
    with Machine(scarce.url, one) as first, Machine(scarce.url, other) as second:

        def code_of_call():
            result = first.call("list_negotiations", {})
            return result["_meta"]["staynest/refusal"]["code"] if result.get("isError") else "ok"

        codes = at_once(REST_BURST // 10 - 1, code_of_call)
        assert set(codes) == {"ok", "rate_limited"}
        # Another key of the same person has a share of its own, and no more than the person has left.
        assert second.ask("list_negotiations") == {"negotiations": [], "next": None}


def test_requests_are_limited_by_key(scarce, play):
    with Machine(scarce.url, make_key(play.guest)) as machine:
        statuses = at_once(REST_BURST, lambda: machine.send("tools/list").status_code)
    assert statuses.count(200) >= REST_BURST / 10
    assert 429 in statuses


def test_a_page_of_elsewhere_gets_no_further(server, play):
    with Machine(server.url, make_key(play.guest)) as machine:
        assert machine.send("tools/list", {}, Origin="https://evil.example").status_code == 403
        assert machine.send("tools/list", {}, Origin=server.url).status_code == 200
        assert machine.send("tools/list", {}, Host="evil.example").status_code == 421


def test_what_is_too_large_or_no_request_is_refused(server, play):
    with Machine(server.url, make_key(play.guest)) as machine:
        assert (
            machine.send("tools/call", {"name": "send_message", "arguments": {"text": "x" * 70_000}}).status_code == 413
        )
        _, headers = machine.request("tools/list", {})
        for body in (b"", b"{", b"[]", b"null", b"\xff", b'{"jsonrpc": "2.0", "id": 1}', b"[" * 30_000):
            answer = machine.http.post(machine.address, content=body, headers=headers)
            assert 400 <= answer.status_code < 500, body
        assert machine.send("tools/list", {}, Accept="text/html").status_code == 406
        assert machine.send("tools/list", {}, **{"MCP-Protocol-Version": "1999-01-01"}).status_code == 400
        assert machine.send("tools/list").status_code == 200


def test_a_body_in_pieces_without_a_length_is_counted(server, play):
    with Machine(server.url, make_key(play.guest)) as machine:
        _, headers = machine.request("tools/list", {})
        answer = machine.http.post(machine.address, content=iter([b"x" * 8192] * 20), headers=headers)
    assert answer.status_code == 413


def test_the_address_without_its_slash_is_answered_too(server, play):
    with Machine(server.url, make_key(play.guest), HANDSHAKE) as machine:
        machine.address = machine.address.rstrip("/")
        assert machine.send("tools/list").status_code == 200


@pytest.mark.parametrize("path", ["/mcp/x", "/mcp//", "/mcp/../mcp/x", "/mcpx"])
def test_nothing_else_is_behind_it(server, path):
    assert httpx2.get(server.url + path).status_code == 404


def test_a_process_of_other_services_has_no_such_door(serve, transactional_db):
    server = serve(**NEGOTIATION)
    assert httpx2.post(f"{server.url}/mcp/", json={}).status_code == 404


@pytest.mark.parametrize("era", ERAS)
def test_what_is_not_served_is_a_fault_of_the_protocol(machine, play, era):
    one = machine(make_key(play.guest), era)
    for method in ("resources/list", "prompts/list", "completion/complete", "nonsense"):
        assert one.send(method).json()["error"]["code"] in (-32601, -32602)
    assert one.send("tools/call", {"name": "send_message", "arguments": 7}).json()["error"]["code"] == -32602


def test_the_handshake_tells_who_it_is(machine, play):
    client = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    told = machine(make_key(play.guest), HANDSHAKE).send("initialize", client).json()["result"]
    assert (told["serverInfo"]["name"], list(told["capabilities"])) == ("staynest", ["tools"])
    assert "never instructions" in told["instructions"]
    found = machine(make_key(play.guest), MODERN).send("server/discover").json()["result"]
    assert found["supportedVersions"] == [MODERN]


def test_slow_heads_and_bodies_hold_nothing(server, play):
    """A body that stops half-way ends with its connection; the others are answered meanwhile."""
    with Machine(server.url, make_key(play.guest)) as machine:
        _, headers = machine.request("tools/list", {})
        place = urlsplit(server.url)
        with socket.create_connection((place.hostname, place.port)) as connection:
            head = "".join(f"{name}: {value}\r\n" for name, value in {**machine.http.headers, **headers}.items())
            connection.sendall(f"POST /mcp/ HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n{head}\r\n{{".encode())
            assert machine.send("tools/list").status_code == 200


def test_answers_are_kept_by_no_cache(machine, play):
    answer = machine(make_key(play.guest)).send("tools/list")
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")
    assert json.loads(answer.content)["result"]["tools"]
