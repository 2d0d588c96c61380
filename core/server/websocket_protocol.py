"""uvicorn's websocket protocol with what an idle or a busy socket does not need taken away.

An idle connection keeps no request, no response, no queues that asyncio makes for any number of readers, no timers of its own,
and nothing of the websocket library: its machine is made anew for a frame that is no whole text, and let go after it. Whole
text frames are read here, and reading is paused for floods only; a frame for many sockets is encoded once, and the frames of a turn
of the loop for one socket are written together; a reader that has stalled can be cut off. Everything else is uvicorn's own.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from core.server.client_frames import FIN_PONG, FIN_TEXT, MASK_SIZE, frame_end, unmasked
from core.server.http_protocol import CUT
from core.server.keepalive import wheel
from core.server.mailbox import Gate, Mailbox

# In an ASGI event: its frame as it goes over the wire, the same for every socket it is sent to.
WIRE = "hub.wire"
# So many messages are read ahead of the application, fewer where one has more bytes than `LARGE`.
AHEAD, LARGE = 8, 4096
# So many frames for a socket are written at once, and any that is `LARGE`: what a reader leaves unread counts soon.
CORKED = 16
FIN_PING_OF_FOUR = b"\x89\x04"
# Of a control frame: what may be in it, with the mask.
MOST_OF_CONTROL = MASK_SIZE + 125


class LeanWebSocket(WebSocketsSansIOProtocol):
    """The websocket protocol that `core.server.serve` gives uvicorn."""

    # websockets' own protocol, while it is needed; None: this connection is open, and no message is under way in it.
    machine: Any = None
    # Bytes of a frame that is not whole yet, or of frames behind a full mailbox.
    rest: bytearray | None = None
    # Whether more than the handshake has come before its answer: then the machine may be anywhere, and stays.
    early = False
    # Its place in the wheel of pings.
    part = 0
    # Frames that are written together when this turn of the loop is over.
    corked: list[bytes] | None = None
    # The transport, for frames.
    bare: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue: Any = Mailbox(self.loop, self.read_on)
        self.writable: Any = Gate(self.loop)

    @property
    def transport(self) -> Any:
        """The transport, for anything but frames: those that were sent before go first."""
        if self.corked is not None:
            self.uncork()
        return self.bare

    @transport.setter
    def transport(self, transport: Any) -> None:
        self.bare = transport

    @property
    def conn(self) -> Any:
        """The library's state machine, made anew where there is none."""
        if self.machine is None:
            size = self.config.ws_max_size
            self.machine = Protocol(Side.SERVER, state=State.OPEN, max_size=size, logger=self.logger)
        return self.machine

    @conn.setter
    def conn(self, machine: Any) -> None:
        self.machine = machine

    # -- the handshake ---------------------------------------------------------------------------------------------

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: Any = self.scope["extensions"]
            extensions[CUT] = self.transport.abort

    def let_handshake_go(self) -> None:
        """Drops the handshake, which is not needed any more: the router has passed a copy of the scope on."""
        self.request = self.response = None  # type: ignore[assignment]
        self.scope.clear()  # type: ignore[attr-defined]
        if not self.early:
            self.machine = None
        # Rebuilt, the instance's attribute table is half as large.
        self.__dict__ = dict([*vars(self).items()])

    # -- in --------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self.early and (self.machine is None or self.machine.state is State.OPEN):
            self.read(data)
        else:
            self.give_to_machine(data)

    def read(self, data: bytes | bytearray) -> None:
        """Reads frame by frame, as far as they are whole and the application keeps up."""
        if self.rest is not None:
            self.rest += data
            data, self.rest = self.rest, None
        at, size, most = 0, len(data), self.config.ws_max_size
        while at < size and not self.read_paused:
            start, end = frame_end(data, at)
            if not start or end - start > most:  # a frame that no client may send; the machine refuses it
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
        """Takes the common frames: a whole text, and the answer to a ping. Returns False for all others."""
        if kind == FIN_TEXT and self.machine is None:
            try:
                text = unmasked(data, start, end).decode()
            except UnicodeDecodeError:
                return False
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
            if end - start > LARGE or len(self.queue) >= AHEAD:
                self.read_paused = True
                self.transport.pause_reading()
            return True
        if kind == FIN_PONG and end - start <= MOST_OF_CONTROL:
            self.handle_pong(Frame(Opcode.PONG, unmasked(data, start, end)))
            return True
        return False

    def take_by_machine(self, frame: bytes | bytearray) -> bool:
        """Takes any whole frame as uvicorn does. Returns False where it was the connection's last."""
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
        """Reads on, once the application has taken everything."""
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
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.let_handshake_go()
        elif message["type"] == "websocket.close":
            self.read_rest()

    async def send_frame(self, message: Any) -> None:
        """A text frame; without extensions its bytes are the same for every socket."""
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent or (self.machine and self.machine.state is not State.OPEN):
            raise ClientDisconnected
        wire = message.get(WIRE)
        if wire is None:
            wire = message[WIRE] = encoded(message["text"])
        if self.corked is None:
            self.corked = [wire]
            self.loop.call_soon(self.uncork)
        else:
            self.corked.append(wire)
        if len(wire) > LARGE or len(self.corked) >= CORKED:
            self.uncork()

    def uncork(self) -> None:
        """Writes what was sent in this turn: one call to the system for all of it."""
        frames, self.corked = self.corked, None
        if frames and not self.disconnected:
            self.bare.write(frames[0] if len(frames) == 1 else b"".join(frames))

    # -- pings -----------------------------------------------------------------------------------------------------

    def start_keepalive(self) -> None:
        """By one timer for all sockets where the answer has as long as the pause between pings, as in production."""
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
            self.transport.abort()  # a close frame behind what it does not read would wait for ever


def encoded(text: str) -> bytes:
    """A whole, unmasked text frame (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
