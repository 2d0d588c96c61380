"""How much a user may ask for, and what happens to one who asks for more, or does not listen."""

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame
from websockets.uri import parse_uri

from accounts.events import user_topic
from accounts.models import User
from core.api.rate_limits import BURST
from core.live.publishing import Publication, frame_of, publish, sender
from core.live.socket import CLOSE_WITHIN_S, MAX_REFUSALS
from tests.factories.accounts import make_token, make_user
from tests.hub.metrics import metrics, wait_for_metric
from tests.hub.patience import until
from tests.hub.tabs import WAIT_S, Refused, Tab
from tests.servers import UNLIMITED


def test_a_burst_is_allowed_and_what_is_over_it_told_so(tab):
    live = tab(make_user())
    ids = [live.send("ping") for _ in range(BURST + 20)]
    refused = []
    for id in ids:
        try:
            live.reply(id)
        except Refused as error:
            refused.append(error)
    assert 0 < len(refused) <= 20
    assert all(error.code == "rate_limited" and error.params["retry_after"] == 1 for error in refused)


def test_the_allowance_is_the_users_not_the_sockets(tab):
    user = make_user()
    one, two = tab(user), tab(user)
    ids = [(live, live.send("ping")) for _ in range(BURST) for live in (one, two)]
    refused = 0
    for live, id in ids:
        try:
            live.reply(id)
        except Refused:
            refused += 1
    assert refused > BURST // 2


def test_who_floods_on_after_being_told_is_closed(tab):
    live, other = tab(make_user()), tab(make_user())
    flood(live, [json.dumps({"id": "a", "type": "ping"})] * 20_000)
    assert live.closed() == 4429
    assert sum(frame["type"] == "reply" and not frame["ok"] for frame in live.frames) >= MAX_REFUSALS
    assert other.call("ping")


def test_unknown_commands_count_as_well(tab):
    live = tab(make_user())
    flood(live, [json.dumps({"id": "a", "type": "no.such"})] * 20_000)
    assert live.closed() == 4429
    assert {frame["error"]["code"] for frame in live.frames if frame["type"] == "reply"} == {"command.unknown"}


def flood(live: Tab, frames: list[str]) -> None:
    """Sends until all is sent or the hub has had enough."""
    with contextlib.suppress(ConnectionClosed):
        for frame in frames:
            live.socket.send(frame)


# Of fifteen kilobytes, each for a reply of thirty: far more than what all buffers hold.
MOST_ASKED = 10_000


class SlowReader:
    """A websocket client that reads only when it is told to."""

    def __init__(self, address: str, key: str) -> None:
        uri = parse_uri(address)
        self.tcp = socket.socket()
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.tcp.setsockopt(socket.SOL_SOCKET, buffer, 32_768)
        self.tcp.settimeout(WAIT_S)
        self.tcp.connect((uri.host, uri.port))
        self.protocol = ClientProtocol(uri, max_size=None)
        request = self.protocol.connect()
        request.headers["Authorization"] = f"Token {key}"
        self.protocol.send_request(request)
        self.tcp.sendall(b"".join(self.protocol.data_to_send()))
        welcomed = False
        while not welcomed:
            self.protocol.receive_data(self.tcp.recv(4096))
            welcomed = any(isinstance(event, Frame) for event in self.protocol.events_received())

    def ask_until_nobody_listens(self, type: str, **fields: Any) -> int:
        """Sends the same again and again; how many are on their way when no more can be sent."""
        self.tcp.settimeout(0.5)
        for number in range(MOST_ASKED):
            self.protocol.send_text(json.dumps({"id": str(number), "type": type, **fields}).encode())
            try:
                self.tcp.sendall(b"".join(self.protocol.data_to_send()))
            except TimeoutError:
                self.tcp.settimeout(WAIT_S)
                return number
        raise AssertionError("everything is taken")

    def replies(self, count: int) -> list[str]:
        """The ids of so many replies, as they come."""
        ids: list[str] = []
        while len(ids) < count:
            self.protocol.receive_data(self.tcp.recv(65536))
            frames = [json.loads(event.data) for event in self.protocol.events_received() if isinstance(event, Frame)]
            ids += [frame["id"] for frame in frames if frame["type"] == "reply"]
        return ids

    def read_to_the_end(self) -> int | None:
        """Everything that comes; the close code, None where the connection was cut."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            while data := self.tcp.recv(65536):
                self.protocol.receive_data(data)
                self.protocol.events_received()
                self.tcp.sendall(b"".join(self.protocol.data_to_send()))
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None


@pytest.fixture
def slow(hubs) -> Iterator[tuple[User, SlowReader]]:
    user = make_user()
    reader = SlowReader(hubs(0), make_token(user)[1])
    yield user, reader
    reader.tcp.close()


TOO_SLOW = 'hub_ws_closed_total{code="4408"}'


def choke(user: User, address: str) -> None:
    """Pushes into the user's inbox until the hub has had enough of a socket that does not read."""
    frame = frame_of({"type": "notification", "id": 0, "title": "x" * 1000})
    before = metrics(address).get(TOO_SLOW, 0.0)

    def cut() -> bool:
        for _ in range(10):
            publish([Publication(user_topic(user.pk), frame)] * 100)
        until(lambda: sender().courier.task is None, timeout=60)
        return metrics(address).get(TOO_SLOW, 0.0) > before

    until(cut, timeout=60)


def test_who_reads_too_slowly_is_cut_and_nobody_else_feels_it(slow, tab, hubs):
    user, reader = slow
    other = tab(make_user())
    choke(user, hubs(0))
    assert other.call("ping")
    assert reader.read_to_the_end() == 4408


@pytest.mark.long
def test_who_reads_nothing_at_all_is_let_go(slow, tab, hubs):
    user, _ = slow
    choke(user, hubs(0))
    other = tab(make_user())
    wait_for_metric(hubs(0), "hub_ws_connections", 1.0, timeout=CLOSE_WITHIN_S + 15)
    assert other.call("ping")


def test_who_asks_without_reading_waits_for_his_own_replies(serve, play):
    """A flood of commands whose replies nobody takes makes the process stop reading, not grow; none of them is lost."""
    play.open()
    for _ in range(4):
        play.do("host", "message.send", text="住" * 2000)
    server = serve(**UNLIMITED)
    reader = SlowReader(server.ws_url, make_token(play.guest)[1])
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    asked = reader.ask_until_nobody_listens("negotiation.join", negotiation=play.id, ignored="x" * 15_000)
    assert process.memory_info().rss - before < 16 << 20
    with Tab(server.ws_url, play.host) as other:
        assert other.call("ping")
    assert reader.replies(asked) == [str(number) for number in range(asked)]
    reader.tcp.close()
