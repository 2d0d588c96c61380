"""An application that answers in many ways, served by the connections that tests look at."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager

import uvicorn

from core.server.answers import send_answer
from core.server.http_protocol import BoundedHttp

ASK = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"


class App:
    """Begins what is asked of it in the way that the path names."""

    def __init__(self):
        self.begun, self.tasks, self.protocols = 0, 0, set()
        self.lost, self.outcomes, self.unheard = asyncio.Event(), [], []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        self.tasks += 1
        await send_answer(scope, send, 200, [(b"content-length", b"4")], b"task")

    def begin(self, scope, reply):
        if scope["path"] == "/task":
            return False
        self.begun += 1
        asyncio.get_running_loop().call_soon(getattr(self, scope["path"][1:]), reply)
        return True

    def small(self, reply):
        """The event loop writes it."""
        reply.finish((200, [(b"content-length", b"5")], b"small"), self.never)

    def thread(self, reply):
        """A thread writes it, and the loop hears of that."""
        loop, answer = asyncio.get_running_loop(), (200, [(b"content-length", b"6")], b"thread")

        def work():
            loop.call_soon_threadsafe(self.heard, reply, reply.write(answer))

        threading.Thread(target=work).start()

    def heard(self, reply, outcome):
        self.outcomes.append(outcome)
        reply.finish(outcome, self.never)

    def late(self, reply):
        """A thread writes it, and the loop hears of that only after the client's next request."""
        self.unheard.append((reply, reply.write((200, [(b"content-length", b"4")], b"late"))))

    def held(self, reply):
        """No thread has an answer yet."""
        self.unheard.append((reply, None))

    def gone(self, reply):
        """The loop gives it up, and answers; then its thread has an answer, too."""
        reply.finish((503, [(b"content-length", b"4")], b"gone"), self.never)
        outcome = reply.write((200, [(b"content-length", b"4")], b"late"))
        assert isinstance(outcome, tuple)
        reply.finish(outcome, self.never)

    def large(self, reply):
        answer = (200, [(b"content-length", b"200000")], b"x" * 200_000)
        outcome = reply.write(answer)
        assert outcome is answer

        async def parts(scope, receive, send):
            await send_answer(scope, send, *answer)

        reply.finish(outcome, parts)

    def fails(self, reply):
        async def fail(scope, receive, send):
            raise ValueError("a bug")

        reply.finish(None, fail)

    async def never(self, scope, receive, send):
        raise AssertionError("it was written already")


@asynccontextmanager
async def served(app, keep_alive=5, ws="none"):
    kept = app.protocols

    class Watched(BoundedHttp):
        def connection_made(self, transport):
            super().connection_made(transport)
            self.timeout_keep_alive = keep_alive
            kept.add(self)

        def connection_lost(self, exc):
            super().connection_lost(exc)
            app.lost.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, http=Watched, ws=ws, lifespan="off", log_level="critical", access_log=False)
        config.load()
        config.loaded_app = app  # as it is with the hub's own settings: without a wrapper
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        yield reader, writer
        writer.close()
        server.should_exit = True
        await serving


async def ask(reader, writer, path):
    writer.write(ASK % path)
    return await answer(reader)


async def answer(reader):
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head.split(b"\r\n")[0], await reader.readexactly(length)


OK = b"HTTP/1.1 200 OK"
