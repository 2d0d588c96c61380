"""Whatever a client sends, it is answered once, by a code of the table, and the socket lives on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import STATUS
from core.live.frames import MAX_FRAME
from core.live.socket import MAX_MALFORMED
from negotiation.live.commands import COMMANDS
from tests.hub.tabs import Tab
from tests.hub.test_live_rooms import opened
from tests.servers import UNLIMITED

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["", "\0", "\ud800", "x" * 3000, "1e5", "-1", "0", "9" * 25, "2026-02-30", "2027-03-01", "all"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
FIELDS = sorted({field for command in COMMANDS.values() for field in command.fields})
IDS = st.uuids().map(str) | LEAVES
COMMAND_FRAMES = st.builds(
    lambda id, type, fields: {"id": id, "type": type, **fields},
    IDS,
    st.sampled_from([*COMMANDS, *COMMANDS, "offer.steal"]) | LEAVES,
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
)
FRAMES = st.one_of(
    COMMAND_FRAMES.map(json.dumps),
    COMMAND_FRAMES.map(json.dumps),
    VALUES.map(json.dumps),
    st.text(max_size=200),
    st.binary(max_size=200),
    COMMAND_FRAMES.map(lambda frame: json.dumps(frame)[:-3]),
)


@pytest.fixture
def topic(serve: Callable[..., Any], play: Any) -> Iterator[tuple[str, Any, int]]:
    """A hub without rate limits, its guest, and a negotiation that broken frames may aim at."""
    hub = serve(**UNLIMITED)
    with Tab(hub.ws_url, play.guest) as guest:
        guest.welcome()
        yield hub.ws_url, play.guest, opened(guest, play)


def test_broken_frames_are_answered_one_by_one(topic, rounds):
    address, guest, negotiation = topic

    @settings(
        max_examples=rounds(60, 3000),
        deadline=None,
        derandomize=rounds(1, 2) == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(FRAMES, min_size=1, max_size=8))
    def play(frames: list[str | bytes]) -> None:
        with Tab(address, guest) as tab:
            tab.welcome()
            for frame in frames:
                check_answer(tab, aimed(frame, negotiation))
            assert tab.call("ping")["server_time"]

    play()


def aimed(frame: str | bytes, negotiation: int) -> str | bytes:
    """Half of the frames that name a negotiation name the one that is there."""
    return frame.replace('"negotiation": true', f'"negotiation": {negotiation}') if isinstance(frame, str) else frame


def check_answer(tab: Tab, frame: str | bytes) -> None:
    if isinstance(frame, str):
        frame = frame.encode("utf-8", "replace").decode()
    reply = tab.raw(frame)
    if reply["ok"]:
        assert isinstance(reply["data"], dict)
        return
    error = reply["error"]
    assert set(error) == {"code", "message", "params", "fields"}
    assert error["code"] in STATUS
    assert error["code"] != "unavailable", frame
    assert (reply["id"] is None) == (error["code"] == "command.malformed")


def test_eight_frames_are_fewer_than_close_a_socket():
    assert MAX_MALFORMED > 8
    assert MAX_FRAME > 4096
