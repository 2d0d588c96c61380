"""The socket's door: a plain ASGI application, one `Session` a connection.

Why no Channels consumer: its dispatch, its layer for each socket and its tasks cost more than the commands themselves,
and a socket with a layer of its own can't connect while the broker is down (docs/design.md).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from prometheus_client import Counter, Histogram

from accounts.authentication import offered_by
from accounts.events import user_topic
from accounts.selectors.credentials import Credential, Offered, SocketIdentity, identify
from core import clock
from core.api.rate_limits import BURST, too_fast
from core.database.batcher import Gatherer
from core.errors import Code, DomainError
from core.live.base_url import base_url
from core.live.frames import MalformedFrame, json_text, malformed_error, parse_frame, refusal_text, reply_text
from core.live.hub import Hub, hub
from core.live.socket import (
    BAD_ORIGIN,
    FLOOD,
    MALFORMED,
    MAX_MALFORMED,
    MAX_REFUSALS,
    RESTARTING,
    UNAUTHORISED,
    Send,
    Socket,
)
from core.server.websocket_protocol import CUT
from negotiation.live.commands import COMMANDS, Call

log = structlog.get_logger(__name__)

PROTOCOL = 1
MAX_SOCKETS = 20
# Sockets that sign in together at the most, and statements for them at once.
MOST_SIGN_INS, SIGN_IN_LANES = 100, 2
SLOW_S = 1.0

COMMANDS_TOTAL = Counter("hub_ws_commands_total", "Commands by type and outcome", ["type", "code"])
COMMAND_SECONDS = Histogram(
    "hub_command_seconds",
    "From a command's frame to its reply",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_counters: dict[tuple[str, str], Any] = {}


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    """One connection, from its acceptance to its end."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    session = Session(send)
    here = hub()
    try:
        code = await session.sign_in(here, scope)
        if code:
            session.close(code)
            return
        await session.serve(receive)
    except asyncio.CancelledError:
        if not session.gone:
            raise
    finally:
        session.end()
        if session.credential is not None:
            here.closed(session, user_topic(session.user_id))


class Session(Socket):
    """A signed-in socket: its commands, one after the other, and their replies."""

    __slots__ = ("base", "credential", "dismissed", "expires_at", "hub", "malformed", "refusals", "running", "typing")

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self.base = ""
        self.credential: Credential | None = None
        # Unix seconds; 0: never.
        self.expires_at = 0.0
        self.hub: Hub | None = None
        self.malformed = 0
        self.refusals = 0
        self.running = False
        self.dismissed = 0
        # negotiation → (what was last told of typing there, when).
        self.typing: dict[int, tuple[bool, float]] | None = None

    # -- signing in ------------------------------------------------------------------------------------------------

    async def sign_in(self, here: Hub, scope: Any) -> int:
        """Welcomes the user; or returns the code to close with."""
        if here.draining:
            return RESTARTING
        headers = scope["headers"]
        self.cut = scope.get("extensions", {}).get(CUT)
        if not origin_allowed(dict(headers)):
            return BAD_ORIGIN
        self.base = base_url(scope)
        with here.topics.expect():
            try:
                identity = await sign_ins().submit(offered_by(headers, scope["query_string"]))
            except DomainError:
                return RESTARTING  # the database is away: to come back in a moment is what helps
            scope.clear()  # a third of an idle socket's memory, and never asked again
            return UNAUTHORISED if identity is None else self.enter(here, identity)

    def enter(self, here: Hub, identity: SocketIdentity) -> int:
        """Takes its place in the hub, welcome first. Returns 0, or the code to close with."""
        if here.draining:
            return RESTARTING
        if here.presence.socket_count(identity.user_id) >= MAX_SOCKETS * settings.RATE_LIMIT_FACTOR:
            return FLOOD
        self.hub, self.user_id, self.credential = here, identity.user_id, identity.credential
        self.expires_at = identity.expires_at.timestamp() if identity.expires_at else 0.0
        self.push_text(json_text(welcome(identity)))
        here.open(self, user_topic(self.user_id))
        return 0

    # -- commands --------------------------------------------------------------------------------------------------

    async def serve(self, receive: Any) -> None:
        """Reads until the connection ends. Who does not take replies is not read from either."""
        while (message := await receive())["type"] != "websocket.disconnect":
            if self.closing:
                continue
            await self.take(message)
            if self.writer is not None:
                await self.drained()

    async def take(self, message: Any) -> None:
        """One frame: checked without the database, then run."""
        try:
            command_id, name, fields = parse_frame(message)
        except MalformedFrame:
            self.refuse_malformed()
            return
        wait = self.hub.allow(self.user_id) if self.hub else 0.0
        command = COMMANDS.get(name)
        if command is None:
            self.refuse(command_id, "unknown", DomainError(Code.COMMAND_UNKNOWN, "There is no such command."))
        elif wait:
            self.refuse(command_id, name, too_fast(wait))
        else:
            self.refusals = max(0, self.refusals - BURST) if self.refusals else 0
            await self.run(Call(self, command_id, name, fields), command)
        if wait:
            self.count_refusal()

    async def run(self, call: Call, command: Any) -> None:
        """A command and its one reply; a socket that was dismissed meanwhile closes after it."""
        started, self.running = time.perf_counter(), True
        try:
            data = await command.run(call)
        except DomainError as error:
            self.refuse(call.id, call.name, error)
        except Exception:
            log.exception("command.failed", command=call.id, type=call.name, user=self.user_id)
            self.refuse(call.id, call.name, DomainError(Code.COMMAND_OUTCOME_UNKNOWN))
        else:
            self.push_text(reply_text(call.id, data))
            count(call.name, "ok")
        call.settle()
        self.note(call, time.perf_counter() - started)
        self.running = False
        if self.dismissed:
            self.close(self.dismissed)

    def note(self, call: Call, seconds: float) -> None:
        COMMAND_SECONDS.observe(seconds)
        if seconds > SLOW_S:
            log.warning("command.slow", command=call.id, type=call.name, user=self.user_id, seconds=round(seconds, 3))

    def refuse(self, command_id: str | None, name: str, error: DomainError) -> None:
        self.push_text(refusal_text(command_id, error))
        count(name, error.code)

    def refuse_malformed(self) -> None:
        self.malformed += 1
        self.refuse(None, "malformed", malformed_error())
        if self.malformed >= MAX_MALFORMED:
            self.close(MALFORMED)

    def count_refusal(self) -> None:
        """A command that is let through between makes up for `BURST` refusals, not for all."""
        self.refusals += 1
        if self.refusals >= MAX_REFUSALS * settings.RATE_LIMIT_FACTOR:
            self.close(FLOOD)

    def dismiss(self, code: int) -> None:
        if self.running:
            self.dismissed = code
        else:
            self.close(code)


SignIns = Gatherer[Offered, SocketIdentity | None]
_sign_ins: WeakKeyDictionary[asyncio.AbstractEventLoop, SignIns] = WeakKeyDictionary()


def sign_ins() -> SignIns:
    """The loop's one place to sign in: when thousands come back at once, many share a statement."""
    loop = asyncio.get_running_loop()
    if loop not in _sign_ins:
        _sign_ins[loop] = SignIns(lambda offers: identify(offers, clock.now()), most=MOST_SIGN_INS, lanes=SIGN_IN_LANES)
    return _sign_ins[loop]


def count(name: str, code: str) -> None:
    child = _counters.get((name, code))
    if child is None:
        child = _counters[name, code] = COMMANDS_TOTAL.labels(name, code)
    child.inc()


def welcome(identity: SocketIdentity) -> dict[str, Any]:
    """The first frame."""
    return {
        "type": "welcome",
        "protocol": PROTOCOL,
        "user": {"id": identity.user_id, "name": identity.name, "is_host": identity.is_host},
        "server_time": clock.stamp(clock.now()),
        "unread": identity.unread,
    }


def origin_allowed(headers: dict[bytes, bytes]) -> bool:
    """An origin, where a browser sends one, is this host or one that may use the API from elsewhere."""
    origin = headers.get(b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1").lower()
    if text in settings.CORS_ALLOWED_ORIGINS:
        return True
    host = headers.get(b"host", b"").decode("latin-1").lower()
    try:
        given = urlsplit(text)
        same = given.scheme in ("http", "https") and bool(host) and given.netloc == host
    except ValueError:
        return False
    return same and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
