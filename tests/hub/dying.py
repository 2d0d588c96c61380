"""Server processes that are killed amid an accept, each at another step of it.

python -m tests.hub.dying reads where to die, a line each: a step's name, or how many steps to survive. For each it forks
a server process, as `core.server.serve` runs it, on a port of its own. Lines on its output say {"at", "port", "pid"}
when the port is bound, and {"at", "step", "committed"} from a process in its last moment: SIGKILL comes right after.

A step is what lies between two things that others could notice: each statement, the commit, what is handed to the event
loop, to the broker, to the socket. Loading the application once for all of them is what makes many deaths cheap.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from core.local.embedded import die_with_parent
from core.server.serve import DrainingServer, config


class Doom:
    """Counts the steps of an accept and kills this process before the one it is to die at."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.passed = 0
        self.armed = self.committed = False

    def step(self, name: str) -> None:
        if not self.armed:
            return
        if self.at in (name, str(self.passed)):
            tell(at=self.at, step=name, committed=self.committed)
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    # -- the steps -----------------------------------------------------------------------------------------------------

    def lie_in_wait(self) -> None:
        """Puts a step at every place where the process may die."""
        from core.database import lane
        from core.database.session import Session
        from core.live.courier import Courier
        from negotiation.engine import executor
        from negotiation.live import batcher, connection

        around(connection.Connection, "run", self.commanded)
        around(batcher, "_execute", self.executed)
        around(Session, "travel", self.trip)
        around(lane, "_commit", self.commit)
        around(executor, "publish", self.stepped("before publish", "after publish"))
        around(executor, "note_commit", self.stepped("before the log line", "after the log line"))
        around(connection, "reply_text", self.stepped("before the reply", "the reply is encoded"))
        around(Courier, "try_send", self.sent)

    async def commanded(self, executor: Any, session: Any, call: Any, command: Any) -> None:
        self.armed = self.armed or call.name == "offer.accept"
        self.step("the frame is read")
        await executor(session, call, command)
        self.step("the reply is out")

    async def executed(self, execute: Any, moves: Any) -> Any:
        self.step("before the transaction")
        outcomes = await execute(moves)
        self.step("the outcome is known")
        return outcomes

    def trip(self, travel: Any, session: Any, queries: Any) -> Any:
        asked = list(queries)
        self.step(f"before {' '.join(query.statement.name for query in asked)[:60]}")
        return travel(session, asked)

    async def commit(self, commit: Any, session: Any, *args: Any) -> Any:
        self.step("before COMMIT")
        rows = await commit(session, *args)
        self.committed = self.armed  # a socket that signs in commits too
        self.step("after COMMIT")
        return rows

    def stepped(self, before: str, after: str) -> Callable[..., Any]:
        def wrapped(call: Any, *args: Any, **kwargs: Any) -> Any:
            self.step(before)
            result = call(*args, **kwargs)
            self.step(after)
            return result

        return wrapped

    async def sent(self, send: Any, courier: Any, peer: str | None, message: dict[str, Any]) -> bool:
        if not message["items"]:
            return await send(courier, peer, message)
        self.step("before the broker")
        taken = await send(courier, peer, message)
        self.step("after the broker")
        return taken


def around(owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    setattr(owner, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))


def tell(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def serve(server: DrainingServer, listener: socket.socket, at: str) -> None:
    """A forked process's life."""
    mortal = die_with_parent(signal.SIGKILL)
    if mortal is not None:
        mortal()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    Doom(at).lie_in_wait()
    server.run(sockets=[listener])


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "core.settings"
    server = DrainingServer(config())
    server.config.load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        listener = socket.create_server(("127.0.0.1", 0))
        pid = os.fork()
        if pid == 0:
            serve(server, listener, line.strip())
            os._exit(0)
        tell(at=line.strip(), port=listener.getsockname()[1], pid=pid)
        listener.close()


if __name__ == "__main__":
    main()
