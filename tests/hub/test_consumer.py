"""The consumer as Channels' own test client drives it: through the routes, without a server."""

import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from asgi import application
from core.database import threads
from core.errors import DomainError
from core.live import hub
from core.live.socket import BAD_ORIGIN, UNAUTHORISED
from negotiation.live.commands import Call
from tests.factories.accounts import make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HOST = (b"host", b"testserver")


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """`connect(*headers, path=)` gives a communicator; at the end all are closed and the process's hub has stopped."""
    opened: list[WebsocketCommunicator] = []
    own = threads.DbThreads(1)
    monkeypatch.setattr(threads, "threads", own)

    async def connect(*headers: tuple[bytes, bytes], path: str = "/ws/") -> WebsocketCommunicator:
        opened.append(WebsocketCommunicator(application, path, headers=[HOST, *headers]))
        connected, _ = await opened[-1].connect(timeout=10)
        assert connected
        return opened[-1]

    yield connect
    for one in opened:
        await one.disconnect()
    await hub.stop()
    own.stop()


@pytest.fixture
def token(transactional_db: Any) -> tuple[int, bytes]:
    """A user and the header of their token, made in the test's own thread."""
    user = make_user(first_name="Rahim")
    return user.pk, f"Token {make_token(user)[1]}".encode()


async def test_a_command_and_its_reply(token: tuple[int, bytes], connect: Any) -> None:
    socket = await connect((b"authorization", token[1]))
    welcome = await socket.receive_json_from(timeout=10)
    assert (welcome["type"], welcome["user"]["id"]) == ("welcome", token[0])
    await socket.send_json_to({"type": "ping", "id": "1"})
    reply = await socket.receive_json_from(timeout=10)
    assert (reply["type"], reply["id"], reply["ok"]) == ("reply", "1", True)
    await socket.send_to(text_data="{")
    assert (await socket.receive_json_from(timeout=10))["error"]["code"] == "command.malformed"
    assert len(hub.hub().sockets) == 1
    await socket.disconnect(timeout=10)
    assert not hub.hub().sockets


def held() -> list[Any]:
    """The commands and refusals that are still in memory."""
    return [one for one in gc.get_objects() if issubclass(type(one), (Call, DomainError))]


async def test_a_command_leaves_nothing_to_the_garbage_collector(token: tuple[int, bytes], connect: Any) -> None:
    """What holds itself piles up until the collector stops the process to find it."""
    socket = await connect((b"authorization", token[1]))
    await socket.receive_json_from(timeout=10)
    gc.collect()
    before = len(held())
    gc.disable()
    try:
        for kind, fields in (
            ("offer.decline", {"negotiation": 9, "offer": 9}), ("negotiation.join", {"negotiation": 9}),
            ("negotiation.leave", {"negotiation": 9}),
        ):  # fmt: skip
            await socket.send_json_to({"type": kind, "id": kind, **fields})
            assert (await socket.receive_json_from(timeout=10))["error"]["code"] == "not_found"
        assert len(held()) <= before
    finally:
        gc.enable()


async def test_nobody_is_told_why(connect: Any) -> None:
    socket = await connect()
    closed = await socket.receive_output(timeout=10)
    assert (closed["type"], closed["code"]) == ("websocket.close", UNAUTHORISED)


async def test_another_sites_page_gets_no_further_than_the_check(connect: Any) -> None:
    socket = await connect((b"origin", b"https://elsewhere.example"))
    closed = await socket.receive_output(timeout=10)
    assert (closed["type"], closed["code"]) == ("websocket.close", BAD_ORIGIN)
    assert not hub.hub().sockets


async def test_no_other_path_is_a_socket() -> None:
    communicator = WebsocketCommunicator(application, "/ws/else/", headers=[HOST])
    await communicator.send_input({"type": "websocket.connect"})
    assert (await communicator.receive_output(timeout=10))["status"] == 404
