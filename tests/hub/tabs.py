"""A user's tab: a real websocket to a real server process, in a few words."""

from __future__ import annotations

import json
import uuid
from collections import deque
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from tests.factories.accounts import make_token

WAIT_S = 10.0
Frame = dict[str, Any]


class Refused(Exception):
    """A command was refused."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["code"])
        self.error = error
        self.code: str = error["code"]
        self.params: dict[str, Any] = error["params"]


class Closed(Exception):
    """The hub closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Tab:
    """Frames that nobody asked for yet wait in `frames`."""

    def __init__(self, address: str, user: User | None = None, **options: Any) -> None:
        headers = {"Authorization": f"Token {make_token(user)[1]}"} if user else {}
        headers |= options.pop("headers", {})
        self.context = connect(
            address, additional_headers=headers, compression=None, open_timeout=WAIT_S, max_size=None, max_queue=None,
            **({"ping_interval": None} | options),
        )  # fmt: skip
        self.socket: ClientConnection = self.context.__enter__()
        self.frames: deque[Frame] = deque()

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.context.__exit__(None, None, None)

    # -- receiving ---------------------------------------------------------------------------------------------------

    def receive(self, timeout: float = WAIT_S) -> Frame:
        """The next frame off the wire. Raises Closed, TimeoutError."""
        try:
            frame: Frame = json.loads(self.socket.recv(timeout))
        except ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 1006) from closed
        return frame

    def wait(self, type: str, timeout: float = WAIT_S, **having: Any) -> Frame:
        """The first frame, come or to come, of this type with these values."""
        for frame in self.frames:
            if matches(frame, type, having):
                self.frames.remove(frame)
                return frame
        while True:
            frame = self.receive(timeout)
            if matches(frame, type, having):
                return frame
            self.frames.append(frame)

    def welcome(self) -> Frame:
        return self.wait("welcome")

    def closed(self, timeout: float = WAIT_S) -> int:
        """Reads on until the hub closes, and with what code it did."""
        try:
            while True:
                self.frames.append(self.receive(timeout))
        except Closed as closed:
            return closed.code

    def silent(self, type: str, **having: Any) -> bool:
        """Whether no such frame has come up to now: a ping is answered after all that was pushed before it."""
        self.call("ping")
        return not any(matches(frame, type, having) for frame in self.frames)

    # -- sending -----------------------------------------------------------------------------------------------------

    def send(self, type: str, id: str | None = None, **fields: Any) -> str:
        """Sends a command without waiting; its id."""
        command_id = id or uuid.uuid4().hex
        self.socket.send(json.dumps({"id": command_id, "type": type, **fields}))
        return command_id

    def reply(self, command_id: str, timeout: float = WAIT_S) -> Any:
        """The reply's data. Raises Refused."""
        frame = self.wait("reply", timeout, id=command_id)
        if not frame["ok"]:
            raise Refused(frame["error"])
        return frame["data"]

    def call(self, type: str, id: str | None = None, **fields: Any) -> Any:
        """Sends a command and waits for what it came to."""
        return self.reply(self.send(type, id, **fields))

    def raw(self, text: str | bytes) -> Frame:
        """Sends a frame as it is; the next reply."""
        self.socket.send(text)
        return self.wait("reply")

    def entries(self, negotiation: int, last: int) -> list[Frame]:
        """All live entries up to `last`, in the order in which they came."""
        found: list[Frame] = []
        while not found or found[-1]["seq"] < last:
            found.append(self.wait("entry", negotiation=negotiation))
        return found


def matches(frame: Frame, type: str, having: dict[str, Any]) -> bool:
    return frame["type"] == type and all(frame.get(name) == value for name, value in having.items())
