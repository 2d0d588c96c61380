"""HTTP inside the ASGI application: Django's WSGI handler on a fixed pool of threads.

Each thread keeps its database connection. A request takes a thread only once its body is whole, and gives it back
before its answer goes out, so that slow clients on either end cost no thread. Whatever becomes of the thread, the client
has an answer within `WAIT_S` of its body's end (`LANE_WAIT_S` of its turn where it brings pictures); a request whose
client has gone never takes one.
"""

import asyncio
import contextvars
import io
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from core.database.threads import WAIT_S, DbThreads, Job
from core.errors import MESSAGES, Code, DomainError
from core.server import request_bodies
from core.server.answers import Headers, OpenFile, closing, refusal, send_answer
from core.server.http_protocol import GONE
from core.server.replies import Outcome, Reply
from core.web.error_responses import too_large_page
from core.web.service_routing import wants_page
from core.web.wsgi_environ import environ

Answer = tuple[int, Headers, bytes | OpenFile]
# More requests than this waiting for a thread are turned away at once: their clients would have given up anyway.
LONGEST_QUEUE = 1000
# Threads that work at once at requests which take no longer than some milliseconds.
AT_ONCE = 2
# Only pictures and documents are larger than this, in bytes; so many of them wait for each other, and one has this long.
LARGE, LONGEST_LANE, LANE_WAIT_S = request_bodies.DEFAULT_BYTES // 4, 40, 25.0
BODILESS = (204, 304)
BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class WsgiBridge:
    """An ASGI application that answers `http` scopes with a WSGI application."""

    def __init__(self, app: Callable[..., Iterable[bytes]], threads: int) -> None:
        self.app = app
        self.threads = DbThreads(threads, name="http", longest_queue=LONGEST_QUEUE, at_once=AT_ONCE)
        self.lane = asyncio.Semaphore(max(1, threads // 4))
        self.lane_waiting = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self.answer(scope, receive)
        if answer is None:
            return
        is_unread = answer[0] == 413 and not header(scope, b"expect")
        await send_answer(scope, send, *answer, rest=partial(request_bodies.drop, receive) if is_unread else None)

    def begin(self, scope: Any, reply: Reply) -> bool:
        """Gives a request without a body to a thread, which answers it by `reply`. Returns False where nothing was begun.

        A task for such a request would cost as much as reading it and writing its answer.
        """
        if not has_no_body(scope):
            return False
        try:
            self.submit(environ(scope, io.BytesIO(), 0), scope, reply=reply)
        except DomainError:
            return False
        return True

    async def answer(self, scope: Any, receive: Any) -> Answer | None:
        """None where the client is gone."""
        if has_no_body(scope):
            return await self.in_thread(environ(scope, io.BytesIO(), 0), scope, receive)
        limit = request_bodies.limit_of(scope["path"])
        if declared_length(scope) > limit:
            return too_large(scope, limit)
        try:
            body, length = await request_bodies.read(receive, limit)
        except request_bodies.TooLarge:
            return too_large(scope, limit)
        except request_bodies.TooMuch:
            return refusal(503, Code.UNAVAILABLE, "Too much at once; nothing was done. Try again.", scope)
        except request_bodies.Incomplete:
            return refusal(400, Code.COMMAND_MALFORMED, "The body did not arrive.", scope)
        with body:
            request = environ(scope, body, length)
            return await (self.in_lane if length > LARGE else self.in_thread)(request, scope, receive)

    async def in_lane(self, request: dict[str, Any], scope: Any, receive: Any) -> Answer | None:
        """Pictures take seconds each: only so many threads work on them, and the rest answers what is quick."""
        if self.lane_waiting >= LONGEST_LANE:
            return refusal(503, Code.UNAVAILABLE, "Too many pictures come at once; nothing was done. Try again.", scope)
        if not await self.has_turn(receive):
            return refusal(503, Code.UNAVAILABLE, "Too many pictures come at once; nothing was done. Try again.", scope)
        try:
            return await self.in_thread(request, scope, receive, LANE_WAIT_S)
        finally:
            self.lane.release()

    async def has_turn(self, receive: Any) -> bool:
        """Waits for a place in the lane, no longer than any request waits, nor than its client does."""
        self.lane_waiting += 1
        turn, gone = asyncio.ensure_future(self.lane.acquire()), asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({turn, gone}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
            if not turn.done():
                turn.cancel()
            return turn.done() and not turn.cancelled()
        finally:
            gone.cancel()
            self.lane_waiting -= 1

    async def in_thread(
        self, request: dict[str, Any], scope: Any, receive: Any, wait_s: float = WAIT_S
    ) -> Answer | None:
        """One of the threads' answer, or the refusal of a request that none took or finished in time."""
        try:
            job = self.submit(request, scope, wait_s)
        except DomainError as error:
            return refusal(error.status, error.code, error.message, scope)
        try:
            if GONE not in scope.get("extensions", {}):
                await done_or_gone(job, receive)
            answer: Answer | None = await job.future
            return answer
        except Gone:
            return None
        except DomainError as error:
            return refused(error, scope)

    def submit(self, request: dict[str, Any], scope: Any, wait_s: float = WAIT_S, reply: Reply | None = None) -> Job:
        """Queues the request for a thread. Raises `unavailable` where waiting would be in vain."""
        has_gone: Callable[[], bool] = scope.get("extensions", {}).get(GONE, stays)
        run, on_end = contextvars.copy_context().run, None if reply is None else partial(told, scope, reply)
        return self.threads.submit(run, call_unless, has_gone, self.app, request, reply, wait_s=wait_s, on_end=on_end)

    def close(self) -> None:
        """Waits some seconds for the requests that run."""
        self.threads.stop()


def told(scope: Any, reply: Reply, outcome: Outcome, error: BaseException | None) -> None:
    """Ends a request on the event loop."""
    if isinstance(error, DomainError):
        outcome, error = refused(error, scope), None
    reply.finish(outcome, partial(send_rest, outcome, error))


async def send_rest(outcome: Outcome, error: BaseException | None, scope: Any, receive: Any, send: Any) -> None:
    """The application for an answer that is not simply written: it sends the answer, or fails as the request did."""
    if error is not None:
        raise error
    if isinstance(outcome, tuple):
        await send_answer(scope, send, *outcome)


def refused(error: DomainError, scope: Any) -> Answer:
    """The answer to a request that its thread did not finish."""
    code = Code.UNAVAILABLE if scope["method"] in SAFE else error.code
    return refusal(error.status, code, MESSAGES[code], scope)


async def disconnected(receive: Any) -> None:
    """Comes back when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Gone(Exception):
    """The client went before a thread took its request."""


async def done_or_gone(job: Job, receive: Any) -> None:
    """Waits for the job, for servers that tell of a client that goes by `http.disconnect` alone. Raises Gone."""
    gone = asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait({job.future, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not job.future.done() and job.drop():
            raise Gone
    finally:
        gone.cancel()


def stays() -> bool:
    """What is asked in place of a server that can't say whether the client has gone."""
    return False


def call_unless(
    has_gone: Callable[[], bool], app: Callable[..., Iterable[bytes]], request: dict[str, Any], reply: Reply | None
) -> Outcome:
    """As `call`; None, and nothing is done, where the client has gone meanwhile. The answer is written, where there is a reply."""
    if has_gone():
        return None
    answer = call(app, request)
    return answer if reply is None else reply.write(answer)


def call(app: Callable[..., Iterable[bytes]], request: dict[str, Any]) -> Answer:
    """One request through the WSGI application, start to end, in this thread."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
        started[:] = [int(status[:3]), [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]]
        return lambda chunk: None

    chunks = app(request, start_response)
    if isinstance(chunks, OpenFile) and chunks.is_local:
        status, headers = started
        return status, headers, chunks
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    status, headers = started
    if status not in BODILESS and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(body)).encode()))
    return status, headers, body


def declared_length(scope: Any) -> int:
    """The body's length that its head names, in bytes; 0 where it names none."""
    declared = header(scope, b"content-length")
    return int(declared) if declared.isdigit() else 0


def has_no_body(scope: Any) -> bool:
    """Whether the head of a request at our own server says that no body follows it."""
    return GONE in scope.get("extensions", {}) and not any(name in BODY_HEADERS for name, _ in scope["headers"])


def header(scope: Any, name: bytes) -> bytes:
    """A header of the request; empty where it has none."""
    return next((value for given, value in scope["headers"] if given == name), b"")


def too_large(scope: Any, limit: int) -> Answer:
    """A body over its route's limit, in bytes: the error object, or a page to a browser that sent a page's form."""
    if wants_page(scope["path"], header(scope, b"accept").decode("latin1")):
        return closing(413, b"text/html; charset=utf-8", too_large_page(limit).encode(), scope)
    return refusal(413, Code.TOO_LARGE, MESSAGES[Code.TOO_LARGE], scope)
