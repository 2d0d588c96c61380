"""uvicorn's websocket protocol, without the parts that an idle or a busy socket does not need.

An idle connection keeps no request, no response, none of asyncio's queues, no timers of its own, and no object of the
websocket library: the library's state machine is made for a frame that is not a complete text, and dropped after it. This
file reads complete text frames itself, and pauses reading only during a flood. A frame for many sockets is encoded once, and
the frames for one socket in a turn of the loop are written together. A stalled reader can be cut off. Everything else is
uvicorn's own.
"""

from __future__ import annotations

from typing import Any, Self

from uvicorn.protocols.utils import ClientDisconnected
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from core.server.frame_bytes import FIN_PONG, FIN_TEXT, MASK_SIZE, encoded, frame_end, lone_text, unmasked
from core.server.handshake import Handshake
from core.server.http_protocol import CUT
from core.server.keepalive import wheel

# Key in an ASGI event for its encoded frame, which is the same for every socket.
WIRE = "hub.wire"
# Key in the scope's extensions of a function that sends a text frame without waiting; see `LeanWebSocket.put`.
PUT = "hub.put"
# The number of messages that are read before the application takes them; a message over `LARGE` bytes pauses reading.
AHEAD, LARGE = 8, 4096
# The number of frames for a socket after which they are written before the turn ends; a `LARGE` one is written at once. The
# bytes that a reader leaves unread are thus counted soon.
CORKED = 16
# Seconds that the answer to a handshake waits for the first frame, to share a write with it.
ANSWER_S = 0.1
FIN_PING_OF_FOUR = b"\x89\x04"
# The most bytes of a control frame's payload, with the mask.
MOST_OF_CONTROL = MASK_SIZE + 125


def _nothing() -> None:
    """Does nothing: a lost connection has nothing to read on."""


class LeanWebSocket(Handshake):
    """The websocket protocol that `core.server.serve` gives uvicorn."""

    # Bytes of a frame that is not complete yet, or of frames that wait for a full mailbox.
    rest: bytearray | None = None
    # Whether the client sent more than the handshake before its answer. The machine may then be in any state, so it is kept.
    early = False
    # The part of the wheel in which this socket is pinged.
    part = 0
    # Frames that are written together at the end of this turn of the loop.
    corked: list[bytes] | None = None
    # Set while the answer to the handshake waits for the first frame.
    answer_timer: Any = None
    # The transport; frames use it directly, everything else uses `transport`.
    bare: Any = None

    @property
    def transport(self) -> Any:
        """The transport for everything but frames. It first writes the frames that were sent before."""
        if self.corked is not None:
            self.uncork()
        return self.bare

    @transport.setter
    def transport(self, transport: Any) -> None:
        self.bare = transport

    @property
    def conn(self) -> Any:
        """The library's state machine; a new one where there is none. It is needed while a message is half read."""
        if self.machine is None and not self.handshake_complete:
            self.machine = self.new_machine()
        elif self.machine is None:
            size = self.config.ws_max_size
            self.machine = Protocol(Side.SERVER, state=State.OPEN, max_size=size, logger=self.logger)
        return self.machine

    @conn.setter
    def conn(self, machine: Any) -> None:
        self.machine = machine

    # -- the handshake ---------------------------------------------------------------------------------------------

    @classmethod
    def from_http(cls, http: Any, key: str) -> Self:
        self = super().from_http(http, key)
        extensions: Any = self.scope["extensions"]
        extensions[PUT] = self.put
        return self

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: Any = self.scope["extensions"]
            extensions[CUT] = self.transport.abort
            extensions[PUT] = self.put

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the connection. The mailbox lets go of it, or the two would refer to each other until the collector comes."""
        super().connection_lost(exc)
        self.queue.on_empty = _nothing

    def let_handshake_go(self) -> None:
        """Drops the handshake. Nothing needs it any more, since the router has passed on a copy of the scope."""
        self.request = self.response = None  # type: ignore[assignment]
        self.scope.clear()  # type: ignore[attr-defined]
        if not self.early:
            self.machine = None
        # A rebuilt attribute table is half as large.
        self.__dict__ = dict([*vars(self).items()])

    # -- in --------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if (
            self.handshake_complete
            and self.machine is None
            and self.rest is None
            and not (self.early or self.read_paused)
        ):
            payload = lone_text(data)
            if payload is not None and self.take_text(payload):
                return
        if self.key is not None:
            self.wait_for_answer(data)
        elif not self.early and (self.machine is None or self.machine.state is State.OPEN):
            self.read(data)
        else:
            self.give_to_machine(data)

    def wait_for_answer(self, data: bytes) -> None:
        """Keeps what the client sent before the answer to its handshake, and reads nothing more until then."""
        self.rest = (self.rest or bytearray()) + data
        self.read_paused = True
        self.transport.pause_reading()

    def read(self, data: bytes | bytearray) -> None:
        """Reads one frame after the other, while they are complete and the application keeps up."""
        if self.rest is not None:
            self.rest += data
            data, self.rest = self.rest, None
        at, size, most = 0, len(data), self.config.ws_max_size
        while at < size and not self.read_paused:
            start, end = frame_end(data, at)
            if not start or end - start > most:  # a client may not send such a frame; the machine refuses it
                self.give_to_machine(data[at:])
                return
            if not at < end <= size:
                break
            if not self.take(data[at], data, start, end) and not self.take_by_machine(data[at:end]):
                self.give_to_machine(data[end:])
                return
            at = end
        if at < size:
            self.rest = bytearray(data[at:])

    def take(self, kind: int, data: bytes | bytearray, start: int, end: int) -> bool:
        """Handles the common frames: a complete text, and the answer to a ping. Returns False for all others."""
        if kind == FIN_TEXT and self.machine is None:
            return self.take_text(unmasked(data, start, end))
        if kind == FIN_PONG and end - start <= MOST_OF_CONTROL:
            self.handle_pong(Frame(Opcode.PONG, unmasked(data, start, end)))
            return True
        return False

    def take_text(self, payload: bytes) -> bool:
        """Hands a text to the application. Returns False for bytes that are no text."""
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return False
        self.queue.put_nowait({"type": "websocket.receive", "text": text})
        if len(payload) > LARGE or len(self.queue) >= AHEAD:
            self.read_paused = True
            self.transport.pause_reading()
        return True

    def take_by_machine(self, frame: bytes | bytearray) -> bool:
        """Handles any complete frame as uvicorn does. Returns False where it was the last of the connection."""
        super().data_received(frame)  # type: ignore[arg-type]
        if self.conn.state is not State.OPEN:
            return False
        if self.conn.current_size is None:
            self.machine = None
        return True

    def give_to_machine(self, data: bytes | bytearray) -> None:
        """Gives the machine bytes of the handshake, or of a connection that is about to end."""
        self.early = self.handshake_initiated and not self.handshake_complete
        if self.rest is not None:
            data, self.rest = self.rest + data, None
        super().data_received(data)  # type: ignore[arg-type]

    def receive(self) -> Any:
        return self.queue.get()

    def read_on(self) -> None:
        """Goes on reading, when the application has taken everything."""
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
            self.read_rest()

    def read_rest(self) -> None:
        if self.rest is not None:
            self.data_received(b"")

    # -- out -------------------------------------------------------------------------------------------------------

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.send" and self.handshake_complete and "text" in message:
            await self.send_frame(message)
        elif message["type"] == "websocket.accept" and self.key is not None:
            await self.writable.wait()
            self.accept(message)
            self.let_handshake_go()
            self.read_on()
        else:
            await self.send_by_library(message)

    async def send_by_library(self, message: Any) -> None:
        """Sends what is rare, or is an answer to an unusual handshake."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.let_handshake_go()
        elif message["type"] == "websocket.close":
            self.read_rest()

    async def send_frame(self, message: Any) -> None:
        """Sends a text frame."""
        if not self.writable.is_set():
            await self.writable.wait()
        if not self.put(message):
            raise ClientDisconnected

    def put(self, message: Any) -> bool:
        """Sends a text frame without waiting. Returns False where that can't be done now, or where the connection has ended.

        Its bytes are the same for every socket, because there are no extensions.
        """
        if not self.writable.opened or self.disconnected or self.close_sent:
            return False
        if self.machine is not None and self.machine.state is not State.OPEN:
            return False
        wire = message.get(WIRE)
        if wire is None:
            wire = message[WIRE] = encoded(message["text"])
        if self.corked is None:
            self.corked = [wire]
            self.loop.call_soon(self.uncork)
        else:
            self.corked.append(wire)
            if self.answer_timer is not None:
                self.answer_timer.cancel()
                self.answer_timer = None
                self.loop.call_soon(self.uncork)
        if len(wire) > LARGE or len(self.corked) >= CORKED:
            self.uncork()
        return True

    def write_soon(self, data: bytes) -> None:
        self.corked = [data]
        self.answer_timer = self.loop.call_later(ANSWER_S, self.uncork)

    def uncork(self) -> None:
        """Writes all frames of this turn with one system call."""
        frames, self.corked, self.answer_timer = self.corked, None, None
        if frames and not self.disconnected:
            self.bare.write(frames[0] if len(frames) == 1 else b"".join(frames))

    # -- pings -----------------------------------------------------------------------------------------------------

    def start_keepalive(self) -> None:
        """Lets the loop's wheel ping this socket, where pings and answers have the same time, as in production."""
        seconds = self.ping_interval
        if seconds and seconds == self.ping_timeout:
            wheel(self.loop, seconds).add(self)
        else:
            super().start_keepalive()

    def stop_keepalive(self) -> None:
        super().stop_keepalive()
        if self.ping_interval:
            wheel(self.loop, self.ping_interval).remove(self)

    def ping(self, payload: bytes) -> None:
        if self.pending_ping_payload is not None:
            self.keepalive_timeout()
        elif not self.close_sent and not self.transport.is_closing():
            self.pending_ping_payload = payload
            self.transport.write(FIN_PING_OF_FOUR + payload)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # a close frame would wait for ever behind the bytes that the client does not read
