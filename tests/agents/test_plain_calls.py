"""Calls of plain form get the answer that the SDK gives, and whatever has another form is the SDK's."""

from typing import Any

import orjson
import pytest
from mcp.types import CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY

from negotiation.mcp.plain_calls import read_plain
from tests.agents.machine import ERAS, MODERN, Machine, envelope
from tests.factories.agents import make_key

# Taken by the SDK and not of plain form: how a test has it answered the other way.
OTHER_WAY = {"Accept": "*/*"}


def sent(era: str, **changed: Any) -> tuple[list[tuple[bytes, bytes]], dict[str, Any]]:
    """The headers and the message of a call; `changed` are headers (None: left out)."""
    headers = {
        "mcp-protocol-version": era, "accept": "application/json, text/event-stream",
        "content-type": "application/json", "authorization": "Bearer x",
    }  # fmt: skip
    if era == MODERN:
        headers |= {"mcp-method": "tools/call", "mcp-name": "make_offer"}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    params = {"name": "make_offer", "arguments": {"negotiation": 5, "amount": "4500"}, **envelope(era)}
    message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    return [(name.encode(), value.encode()) for name, value in headers.items() if value is not None], message


@pytest.mark.parametrize("era", ERAS)
def test_the_plain_form_is_what_clients_send(era):
    headers, message = sent(era)
    message["params"].setdefault("_meta", {})["progressToken"] = 7
    for number in (0, -1, "a", "42"):
        call = read_plain(headers, orjson.dumps(message | {"id": number}))
        assert call is not None
        assert (call.id, call.name, dict(call.arguments)) == (number, "make_offer", message["params"]["arguments"])
        assert call.is_modern == (era == MODERN)


OTHER_HEADERS: list[dict[str, Any]] = [
    {"mcp_protocol_version": None}, {"mcp_protocol_version": "2025-03-26"}, {"mcp_protocol_version": "2031-01-01"},
    {"accept": None}, {"accept": "*/*"}, {"accept": "application/json"}, {"content_type": None},
    {"content_type": "text/plain"}, {"content_type": "Application/JSON"}, {"mcp_session_id": "x"},
]  # fmt: skip
OTHER_ROUTES: list[dict[str, Any]] = [
    {"mcp_method": None}, {"mcp_method": "tools/list"}, {"mcp_name": None}, {"mcp_name": "get_home"},
    {"mcp_name": "=?base64?bWFrZV9vZmZlcg==?="},
]  # fmt: skip


@pytest.mark.parametrize(
    ("era", "changed"),
    [(era, changed) for era in ERAS for changed in OTHER_HEADERS] + [(MODERN, changed) for changed in OTHER_ROUTES],
)
def test_other_headers_are_the_sdks(era, changed):
    headers, message = sent(era, **changed)
    assert read_plain(headers, orjson.dumps(message)) is None


def test_a_header_sent_twice_is_the_sdks():
    for twice in (b"mcp-name", b"accept", b"mcp-protocol-version"):
        headers, message = sent(MODERN)
        again = next(one for one in headers if one[0] == twice)
        assert read_plain([*headers, again], orjson.dumps(message)) is None


OTHER_BODIES = [
    b"", b"{", b"[]", b"5", b"\xff", b'"x"', b'{"jsonrpc":"2.0"}', b'{"a":' * 500,
]  # fmt: skip
OTHER_FIELDS: list[dict[str, Any]] = [
    {"jsonrpc": "1.0"}, {"jsonrpc": 2.0}, {"method": "tools/list"}, {"method": "initialize"}, {"method": None}, {"id": None},
    {"id": True}, {"id": 1.0}, {"id": 2**60}, {"id": "x" * 300}, {"id": []}, {"params": []}, {"params": None}, {"more": 1},
]  # fmt: skip
OTHER_PARAMS: list[dict[str, Any]] = [
    {"name": "no_tool"}, {"name": 5}, {"name": None}, {"arguments": None}, {"arguments": []}, {"arguments": "x"}, {"task": {}},
    {"_meta": None}, {"_meta": []}, {"_meta": {"progressToken": 1.5}}, {"_meta": {"progressToken": True}},
    {"_meta": {"progressToken": None}}, {"_meta": {"x": 1}},
]  # fmt: skip


@pytest.mark.parametrize("era", ERAS)
def test_other_bodies_are_the_sdks(era):
    headers, message = sent(era)
    bodies = [
        *OTHER_BODIES,
        orjson.dumps([message]),
        *(orjson.dumps({name: value for name, value in message.items() if name != left}) for left in message),
        *(orjson.dumps(message | fields) for fields in OTHER_FIELDS),
        *(orjson.dumps(message | {"params": message["params"] | params}) for params in OTHER_PARAMS),
    ]
    assert [body for body in bodies if read_plain(headers, body) is not None] == []


INFO: dict[str, Any] = {"name": "a client", "version": "1"}


@pytest.mark.parametrize(
    ("changed", "is_plain"),
    [
        ({}, True),
        ({CLIENT_INFO_META_KEY: INFO, "progressToken": "t"}, True),
        ({CLIENT_CAPABILITIES_META_KEY: {"elicitation": {}, "experimental": {"x": {}}}}, True),
        ({"com.example/trace": "1"}, True),
        ({PROTOCOL_VERSION_META_KEY: "2031-01-01"}, False),
        ({PROTOCOL_VERSION_META_KEY: 5}, False),
        ({CLIENT_CAPABILITIES_META_KEY: 5}, False),
        ({CLIENT_CAPABILITIES_META_KEY: {"elicitation": 5}}, False),
        ({CLIENT_INFO_META_KEY: {"name": 5}}, False),
        ({"com.example/trace": "x" * 3000}, False),
    ],
)
def test_an_envelope_is_judged_by_the_sdk(changed, is_plain):
    headers, message = sent(MODERN)
    message["params"]["_meta"] |= changed
    for _ in range(2):  # the second time from memory
        assert (read_plain(headers, orjson.dumps(message)) is not None) == is_plain


def both(machine: Machine, tool: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    """The result in the plain way and in the SDK's own."""
    params = {"name": tool, "arguments": arguments}
    answers = [machine.send("tools/call", params, **more) for more in ({}, OTHER_WAY)]
    assert [answer.status_code for answer in answers] == [200, 200]
    kinds = [{name: answer.headers.get(name) for name in ("content-type", "cache-control")} for answer in answers]
    assert kinds[0] == kinds[1]
    plain, other = (answer.json() for answer in answers)
    assert plain.keys() == other.keys()
    return plain["result"], other["result"]


@pytest.mark.parametrize("era", ERAS)
def test_both_ways_say_the_same(machine, play, era):
    play.open(message="আসসালামু আলাইকুম, \u2028 <b>&</b> \U0001f600")
    one = machine(make_key(play.guest), era)
    stay = {"property": play.home.pk, "start_date": str(play.start), "end_date": str(play.end), "guests": 2}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_home", {"property": play.home.pk}),
        ("get_quote", stay),
        ("search_homes", {}),
        ("list_negotiations", {}),
        ("get_negotiation", {"negotiation": play.id}),
        ("wait_for_change", {"negotiation": play.id, "after_seq": 0}),
        ("make_offer", {"negotiation": play.id, "amount": "2500"}),  # not the guest's turn
        ("make_offer", {"negotiation": 999_999, "amount": "1"}),
        ("make_offer", {"amuont": None}),
        ("open_negotiation", {}),
    ]
    for tool, arguments in calls:
        plain, other = both(one, tool, arguments)
        assert plain == other, tool
