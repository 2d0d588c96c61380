"""A push service on loopback with the browser behind it: it checks who sends (RFC 8292) and decrypts what comes (RFC 8291)."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

P256 = ec.SECP256R1()


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """The keys of one subscription, and what its push service was sent."""

    service: PushService
    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(P256))
    secret: bytes = b"0123456789abcdef"
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://{self.service.address}{self.path}"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self) -> dict[str, Any]:
        """`PushSubscription.toJSON()`."""
        keys = {"p256dh": encode(self.point), "auth": encode(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """The message of one record (RFC 8188), by RFC 8291, 3.4."""
        salt, sender, box = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(P256, sender))
        secret = derive(self.secret, shared, b"WebPush: info\0" + self.point + sender, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        plain = AESGCM(key).decrypt(derive(salt, secret, b"Content-Encoding: nonce\0", 12), box, None)
        assert plain.rstrip(b"\0")[-1:] == b"\x02", "the only record is the last"
        return json.loads(plain.rstrip(b"\0")[:-1])


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


Answer = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answer:
    """Answers with that status."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in ({"Content-Length": "0"} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    return answer


@dataclass
class PushService:
    """`answers[path]` says what comes back; without one, 201. `asked` counts the requests of each path."""

    address: str
    browsers: dict[str, Browser] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)

    def browser(self, path: str = "/wpush/v2/abc") -> Browser:
        self.browsers[path] = Browser(self, path)
        return self.browsers[path]

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Takes the message and says nothing."""
        self.released.wait(30)

    def take(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        body = request.rfile.read(int(request.headers["Content-Length"]))
        browser = self.browsers.get(request.path)
        if browser is not None:
            self.check_sender(request.headers["Authorization"])
            assert request.headers["Content-Encoding"] == "aes128gcm"
            assert int(request.headers["TTL"]) > 0
            browser.headers.append(dict(request.headers))
            browser.messages.append(browser.read(body))
        self.answers.get(request.path, status(201))(request)

    def check_sender(self, authorization: str) -> None:
        """The signed word is by the key that stands beside it, for this push service, and still good."""
        assert authorization.startswith("vapid ")
        parts = dict(part.strip().split("=", 1) for part in authorization[6:].split(","))
        head, claims, signature = parts["t"].split(".")
        raw = decode(signature)
        signed = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key = ec.EllipticCurvePublicKey.from_encoded_point(P256, decode(parts["k"]))
        key.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        said = json.loads(decode(claims))
        assert said["aud"] == f"http://{self.address}"
        assert isinstance(said["exp"], int)
        assert said["sub"].startswith("mailto:")
        self.keys.add(parts["k"])


@contextmanager
def running() -> Iterator[PushService]:
    """The service in threads of its own, on a free port of loopback."""
    service = PushService("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.take(self)

        def log_message(self, *_words: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        service.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        yield service
        service.released.set()
        server.shutdown()
        thread.join(5)
