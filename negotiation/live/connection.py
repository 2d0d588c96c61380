"""A live socket: its state, and the way of each command from the frame to the reply."""

from __future__ import annotations

import time
from typing import Any

import structlog

from accounts.authentication import AGENT_SHARE
from accounts.events import user_topic
from accounts.rules.mandates import check_may
from accounts.selectors.credentials import Credential
from accounts.selectors.mandates import AgentIdentity
from core.api.rate_limits import BURST, PER_SECOND, scaled, too_fast
from core.errors import Code, DomainError
from core.lean_metrics import LeanCounter, LeanHistogram
from core.live.frames import MalformedFrame, malformed_error, parse_frame, refusal_text, reply_text
from core.live.hub import Hub
from core.live.socket import FLOOD, MALFORMED, MAX_MALFORMED, MAX_REFUSALS, Send, Socket
from negotiation.live.commands import COMMANDS, Call
from negotiation.rules.mandates import COMMAND_NEEDS

log = structlog.get_logger(__name__)

SLOW_S = 1.0

COMMANDS_TOTAL = LeanCounter("hub_ws_commands_total", "Commands by type and outcome", ("type", "code"))
COMMAND_SECONDS = LeanHistogram(
    "hub_command_seconds",
    "From a command's frame to its reply",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Connection(Socket):
    """A live socket: its user, and its commands, which run one after the other and get one reply each."""

    __slots__ = (
        "agent",
        "base",
        "credential",
        "dismissed",
        "expires_at",
        "hub",
        "malformed",
        "refusals",
        "running",
        "typing",
    )

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        # The machine that holds the socket; None where a person's browser or client does.
        self.agent: AgentIdentity | None = None
        self.base = ""
        self.credential: Credential | None = None
        # When the sign-in expires, in Unix seconds; 0 for never.
        self.expires_at = 0.0
        self.hub: Hub | None = None
        self.malformed = 0
        self.refusals = 0
        self.running = False
        self.dismissed = 0
        # negotiation → (the state of typing that was last published, when).
        self.typing: dict[int, tuple[bool, float]] | None = None

    @property
    def present_as(self) -> int:
        """The id under which the socket is present. A machine has an id that no user has, so its person counts as away."""
        return self.user_id if self.agent is None else -self.user_id

    @property
    def inbox(self) -> str:
        """The topic of the user's pushes; None for a machine, which may not read its person's notifications."""
        return user_topic(self.user_id) if self.agent is None else f"mandate:{self.agent.mandate_id}"

    async def receive(self, message: Any) -> None:
        """Handles a frame, unless the connection is about to end. Reads nothing more while the client takes no replies."""
        if self.closing:
            return
        call = self.take(message)
        if call is not None:
            await self.run(call, COMMANDS[call.name])
        if self.writer is not None:
            await self.drained()

    def take(self, message: Any) -> Call | None:
        """Checks a frame, without using the database. Returns the command that it holds, or refuses it and returns None."""
        try:
            command_id, name, fields = parse_frame(message)
        except MalformedFrame:
            self.refuse_malformed()
            return None
        wait = self.wait_s()
        if name not in COMMANDS:
            self.refuse(command_id, "unknown", DomainError(Code.COMMAND_UNKNOWN, "There is no such command."))
        elif wait:
            self.refuse(command_id, name, too_fast(wait))
        else:
            self.refusals = max(0, self.refusals - BURST) if self.refusals else 0
            return Call(self, command_id, name, fields)
        if wait:
            self.count_refusal()
        return None

    def wait_s(self) -> float:
        """Returns the seconds until the socket may send a command, 0 for now. A machine has half of its person's allowance."""
        if self.hub is None:
            return 0.0
        return self.hub.allow(self.user_id) if self.agent is None else agent_wait_s(self.hub, self.agent)

    async def run(self, call: Call, command: Any) -> None:
        """Runs a command and sends its reply. A socket that was dismissed meanwhile closes after that."""
        started, self.running = time.perf_counter(), True
        try:
            if self.agent is not None:
                check_may(self.agent.may, COMMAND_NEEDS[call.name])
            data = await command.run(call)
        except DomainError as error:
            self.refuse(call.id, call.name, error)
            error.__traceback__ = None  # else the error and its frames hold each other, as in Outcome.refused
        except Exception:
            log.exception("command.failed", command=call.id, type=call.name, user=self.user_id)
            self.refuse(call.id, call.name, DomainError(Code.COMMAND_OUTCOME_UNKNOWN))
        else:
            self.push_text(reply_text(call.id, data))
            COMMANDS_TOTAL.inc(call.name, "ok")
        if (then := call.then) is not None:
            call.then = None  # the function holds the call: else they hold each other
            then()
        seconds, self.running = time.perf_counter() - started, False
        COMMAND_SECONDS.observe(seconds)
        if seconds > SLOW_S:
            log.warning("command.slow", command=call.id, type=call.name, user=self.user_id, seconds=round(seconds, 3))
        if self.dismissed:
            self.close(self.dismissed)

    def refuse(self, command_id: str | None, name: str, error: DomainError) -> None:
        self.push_text(refusal_text(command_id, error))
        COMMANDS_TOTAL.inc(name, error.code)

    def refuse_malformed(self) -> None:
        self.malformed += 1
        self.refuse(None, "malformed", malformed_error())
        if self.malformed >= MAX_MALFORMED:
            self.close(MALFORMED)

    def count_refusal(self) -> None:
        """Counts a refused command, and closes the socket after too many.

        A command that is accepted in between makes up for `BURST` refusals, not for all of them.
        """
        self.refusals += 1
        if self.refusals >= scaled(MAX_REFUSALS):
            self.close(FLOOD)

    def dismiss(self, code: int) -> None:
        if self.running:
            self.dismissed = code
        else:
            self.close(code)

    def leave(self) -> None:
        """Ends the connection: nothing more is sent, and the hub forgets it."""
        self.end()
        if self.hub is not None:
            self.hub.closed(self, self.inbox)


def agent_wait_s(here: Hub, agent: AgentIdentity) -> float:
    """Returns the seconds until a machine may act, 0 for now. Its own share and its person's allowance both count."""
    share = (scaled(BURST * AGENT_SHARE), scaled(PER_SECOND * AGENT_SHARE))
    return here.buckets.take(("mandate", agent.mandate_id), *share, here.loop.time()) or here.allow(agent.user_id)
