"""What a client may send, and how it is told where it went wrong."""

import json

import pytest

from core.live.frames import MAX_FRAME
from tests.factories.accounts import make_user
from tests.hub.tabs import Refused

GOOD = {"id": "a", "type": "ping"}


def padded(size: int, filler: str = "x") -> str:
    """A ping of exactly `size` bytes."""
    text = json.dumps({**GOOD, "padding": ""}, ensure_ascii=False)
    return text[:-2] + filler * ((size - len(text)) // len(filler.encode())) + '"}'


MALFORMED = {
    "not JSON": "{",
    "empty": "",
    "a list": "[]",
    "a text": '"ping"',
    "a number": "7",
    "null": "null",
    "NaN": '{"id":"a","type":"ping","x":NaN}',
    "infinity and a surrogate": '{"id":"a","type":"ping","x":-Infinity,"y":"\\ud800"}',
    "binary": json.dumps(GOOD).encode(),
    "one byte too long": padded(MAX_FRAME + 1),
    "too long in bytes": padded(MAX_FRAME + 3, "ড"),
    "no type": '{"id":"a"}',
    "a type that is no text": '{"id":"a","type":7}',
    "an empty type": '{"id":"a","type":""}',
    "no id": '{"type":"ping"}',
    "id null": '{"id":null,"type":"ping"}',
    "id a number": '{"id":7,"type":"ping"}',
    "id empty": '{"id":"","type":"ping"}',
    "id too long": json.dumps({"id": "x" * 65, "type": "ping"}),
    "id not ASCII": json.dumps({"id": "é", "type": "ping"}),
    "id with NUL": json.dumps({"id": "a\0", "type": "ping"}),
    "deep": '{"id":"a","type":"ping","x":' + "[" * 8000 + "]" * 8000 + "}",
    "deep with a surrogate": '{"id":"a","type":"ping","s":"\\ud800","x":' + "[" * 8000 + "]" * 8000 + "}",
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_frame_is_told_so_and_the_socket_lives_on(tab, frame):
    live = tab(make_user())
    reply = live.raw(frame)
    assert (reply["id"], reply["ok"], reply["error"]["code"]) == (None, False, "command.malformed")
    assert live.call("ping")


@pytest.mark.parametrize("frame", [padded(MAX_FRAME), json.dumps({"id": "x" * 64, "type": "ping"})])
def test_the_largest_that_is_allowed_is_answered(tab, frame):
    assert tab(make_user()).raw(frame)["ok"]


def test_the_tenth_malformed_frame_is_answered_and_the_last(tab):
    live = tab(make_user())
    for _ in range(9):
        live.raw("{")
        live.call("ping")
    live.socket.send("{")
    assert live.closed() == 4400
    assert live.frames[-1]["error"]["code"] == "command.malformed"


def test_an_unknown_command_is_answered_by_its_id(tab):
    reply = tab(make_user()).raw('{"id":"a","type":"offer.steal"}')
    assert (reply["id"], reply["error"]["code"]) == ("a", "command.unknown")


@pytest.mark.parametrize("amount", ["1e999", "-1e999", "9" * 5000, "1e308"])
def test_a_huge_number_is_json_all_the_same(tab_of_one, amount):
    assert tab_of_one.raw(f'{{"id":"a","type":"ping","else":{amount}}}')["ok"]
    frame = f'{{"id":"huge-{amount[:6]}","type":"offer.make","negotiation":1,"amount":{amount}}}'
    assert tab_of_one.raw(frame)["error"]["fields"].keys() == {"amount"}


@pytest.mark.parametrize("negotiation", ["x", -1, 1.5, True, [], {}, None, "", "9" * 40, 10**30, "\ud800", "\0"])
@pytest.mark.parametrize("type", ["negotiation.join", "negotiation.leave", "typing.set", "seen.mark", "message.send"])
def test_an_id_that_is_none_is_invalid(tab_of_one, type, negotiation):
    with pytest.raises(Refused, match="invalid") as refused:
        tab_of_one.call(type, negotiation=negotiation, typing=True, seq=1, text="x")
    assert "negotiation" in refused.value.error["fields"]


@pytest.mark.parametrize("type", ["negotiation.join", "typing.set", "seen.mark", "message.send", "offer.make"])
def test_a_room_that_does_not_exist_is_not_found(tab_of_one, type):
    with pytest.raises(Refused, match="not_found"):
        tab_of_one.call(type, negotiation="2147483647999", typing=True, seq=1, text="x", amount=5)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001, "\0", "a\ud800b", 7, None, [], {}])
def test_a_text_that_is_none_is_invalid(tab_of_one, text):
    with pytest.raises(Refused, match="invalid") as refused:
        tab_of_one.call("message.send", negotiation=1, text=text)
    assert refused.value.error["fields"].keys() == {"text"}


@pytest.mark.parametrize("seq", [-1, "x", 1.5, True, [], 2**40])
def test_a_seq_that_is_none_is_invalid(tab_of_one, seq):
    with pytest.raises(Refused, match="invalid"):
        tab_of_one.call("seen.mark", negotiation=1, seq=seq)
    with pytest.raises(Refused, match="invalid"):
        tab_of_one.call("negotiation.join", negotiation=1, after_seq=seq)


@pytest.mark.parametrize("typing", ["maybe", 2, [], {}, None])
def test_typing_is_true_or_false(tab_of_one, typing):
    with pytest.raises(Refused, match="invalid"):
        tab_of_one.call("typing.set", negotiation=1, typing=typing)


@pytest.fixture
def tab_of_one(tab):
    return tab(make_user())
