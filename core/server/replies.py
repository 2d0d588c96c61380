"""Answers that are written to the connection by the thread that made them.

The event loop would first have to get Python's lock, from threads that are at work, and each of them back from it. Where a
thread can't write a whole answer, the loop writes the rest, as it writes all other answers.
"""

from __future__ import annotations

import threading
from typing import Any

from core import kept_lock
from core.claimable import Claimable
from core.database.threads import Later
from core.server.whole_answers import is_small, whole_answer, write_whole

# Status, headers, and the body or a file.
Answer = tuple[int, list[tuple[bytes, bytes]], Any]


class Outlet:
    """The socket of a connection, for threads. It must be closed before the socket is, so that no thread writes to another's."""

    __slots__ = ("descriptor", "lock")

    def __init__(self, transport: Any) -> None:
        self.descriptor = transport.get_extra_info("socket").fileno()
        self.lock = threading.Lock()

    def write(self, data: bytes) -> int:
        """Writes what the connection takes at once. Returns the number of bytes; all of them where the client has gone."""
        with self.lock:
            try:
                return len(data) if self.descriptor < 0 else kept_lock.write(self.descriptor, data)
            except OSError:  # the client has gone, which the event loop is told too
                return len(data)

    def close(self) -> None:
        """Ends the use of the socket. It waits for a thread that writes, for as long as a write takes."""
        with self.lock:
            self.descriptor = -1


class Rest:
    """The bytes of an answer that its thread could not write."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


# An answer that was written. What is left to do on the event loop has time.
WRITTEN = Later()
Outcome = Answer | Rest | Later | None


class Reply(Claimable):
    """The answer to one request. Either the thread that made it sends it or the event loop: who is the first to claim it."""

    __slots__ = ("cycle", "outlet", "protocol")

    def __init__(self, protocol: Any, cycle: Any) -> None:
        super().__init__()
        self.protocol, self.cycle = protocol, cycle
        self.outlet: Outlet | None = protocol.way_out

    def write(self, answer: Answer) -> Outcome:
        """Writes a small answer, in the thread that made it. Returns what `finish` is to be given on the event loop."""
        cycle, outlet = self.cycle, self.outlet
        whole = whole_answer(cycle, *answer) if is_small(answer[2]) else None
        if outlet is None or whole is None or cycle.transport.get_write_buffer_size() or not self.claim():
            return answer
        cycle.response_started = True
        written = outlet.write(whole)
        if written < len(whole):
            return Rest(whole[written:])
        cycle.response_complete = True
        # The loop is woken only for what can't wait. It may have put a request into the pipeline until the line above.
        return WRITTEN if cycle.keep_alive and not self.protocol.pipeline else Rest(b"")

    def finish(self, outcome: Outcome, otherwise: Any) -> None:
        """Sends what no thread has sent, and ends the request. It runs on the event loop.

        `otherwise`, an application, sends an answer that is not simply written.
        """
        if isinstance(outcome, Rest):
            if not self.cycle.transport.is_closing():
                self.cycle.transport.write(outcome.data)
            self.cycle.response_complete = True
            self.end()
        elif isinstance(outcome, Later):
            self.end()
        elif self.claim():  # otherwise its thread is writing it just now, though its caller had given it up
            self.send(outcome, otherwise)

    def send(self, answer: Answer | None, otherwise: Any) -> None:
        if answer is not None and is_small(answer[2]) and self.cycle.transport.is_closing():
            self.end()
        elif answer is not None and is_small(answer[2]) and write_whole(self.cycle, *answer):
            self.cycle.on_response = nothing
        else:
            self.protocol.start_task(self.cycle, otherwise)

    def end(self) -> None:
        self.protocol.ended(self.cycle)
        # As uvicorn's task does at its end, since the two refer to each other.
        self.cycle.on_response = nothing


def nothing() -> None:
    """What is to be done after an answer that has ended."""
