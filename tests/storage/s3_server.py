"""As much of S3's REST interface as django-storages asks for, on loopback, with the faults that real buckets have."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
BROKEN = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"


@dataclass
class S3:
    """What it holds, and how it behaves."""

    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    refuses: frozenset[str] = frozenset()
    broken: bool = False
    url: str = ""
    slept: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers for the `s3` of its subclass."""

    protocol_version = "HTTP/1.1"
    s3: S3

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def take(self) -> None:
        path, sent = urlsplit(self.path).path, self.body()
        self.s3.asked.append(f"{self.command} {path}")
        if self.s3.slow_s:
            self.s3.slept.wait(self.s3.slow_s)
        if self.command in self.s3.refuses:
            self.answer(403, DENIED)
        elif self.s3.broken:
            self.answer(500, BROKEN)
        else:
            self.do(path, sent)

    def do(self, path: str, sent: bytes) -> None:
        if self.command == "PUT":
            self.s3.objects[path] = (sent, {name.lower(): value for name, value in self.headers.items()})
            self.answer(200, headers={"ETag": '"x"'})
        elif self.command == "DELETE":
            self.s3.objects.pop(path, None)
            self.answer(204)
        elif path in self.s3.objects:
            since = "Fri, 27 Nov 2026 10:00:00 GMT"
            self.answer(200, self.s3.objects[path][0], {"ETag": '"x"', "Last-Modified": since})
        else:
            self.answer(404)

    def body(self) -> bytes:
        encodings = self.headers.get("Transfer-Encoding", "") + self.headers.get("Content-Encoding", "")
        if "chunked" in encodings:
            return b"".join(iter(self.part, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def part(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        content = self.rfile.read(size)
        if size:
            self.rfile.readline()
        else:  # what follows the last part
            while self.rfile.readline().strip():
                pass
        return content

    do_GET = do_PUT = do_HEAD = do_DELETE = take


@contextmanager
def running_s3() -> Iterator[S3]:
    """A server with an empty bucket of any name."""
    s3 = S3()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Handler,), {"s3": s3}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    s3.url = f"http://127.0.0.1:{server.server_port}"
    yield s3
    s3.slept.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def wait_until_asked(s3: S3, word: str, within_s: float = 10) -> None:
    """Until a question of that method came."""
    deadline = time.monotonic() + within_s
    while not any(line.startswith(word) for line in list(s3.asked)):
        assert time.monotonic() < deadline, word
        threading.Event().wait(0.01)
