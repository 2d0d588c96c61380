"""Lets machines wait for a change: they are in a negotiation's topic, and an entry from any process wakes them like sockets.

A waiting machine causes no queries. The event only wakes it; its answer is read afterwards.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from prometheus_client import Gauge

from accounts.selectors.mandates import AgentIdentity, list_live_mandates
from core import clock
from core.api.rate_limits import scaled, too_fast
from core.database.threads import run_in_db
from core.errors import Code, DomainError
from core.live.hub import Hub, attempt, hub
from core.live.topics import LogTopic, Message
from negotiation.mcp.agents import forget

# A machine in a topic is no person's socket: it makes no user count as online or as reading.
NOBODY = 0
# As many as a user may have sockets.
MOST_WAITS = 20
# Every waiting mandate is checked again this often, in case the message that it ended was lost.
RECHECK_S = 20.0
ENTRY = '{"type":"entry"'

WAITING = Gauge("hub_mcp_waiting", "Machines of this process that wait for a change")

NEWS, TIME, REVOKED, DRAINED, GONE = "news", "time", "revoked", "drained", "gone"


class Wait:
    """One machine that waits in one topic: a member of the topic, as a socket is."""

    __slots__ = ("agent", "topics", "user_id", "woken")

    def __init__(self, agent: AgentIdentity) -> None:
        self.user_id = NOBODY
        self.agent = agent
        self.topics: dict[LogTopic, int] = {}
        self.woken: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def push(self, message: Message) -> None:
        """Takes an event of the topic; only entries of the log wake the machine."""
        if message["text"].startswith(ENTRY):
            self.wake(NEWS)

    def wake(self, why: str) -> None:
        """Ends the wait; the first reason counts."""
        if not self.woken.done():
            self.woken.set_result(why)


class Waits:
    """The machines that wait in this process."""

    def __init__(self) -> None:
        self.all: dict[Wait, None] = {}
        self.by_mandate: Counter[int] = Counter()

    @contextmanager
    def place(self, agent: AgentIdentity) -> Iterator[Wait]:
        """Takes a place to wait in. Raises `rate_limited` where the mandate has as many as it may."""
        if self.by_mandate[agent.mandate_id] >= scaled(MOST_WAITS):
            raise too_fast(1)
        wait = Wait(agent)
        self.all[wait] = None
        self.by_mandate[agent.mandate_id] += 1
        WAITING.inc()
        try:
            yield wait
        finally:
            del self.all[wait]
            WAITING.dec()
            self.by_mandate[agent.mandate_id] -= 1
            if not self.by_mandate[agent.mandate_id]:
                del self.by_mandate[agent.mandate_id]

    # -- mandates that end ------------------------------------------------------------------------------------------

    async def check_users(self, users: set[int]) -> None:
        """Ends the waits of these users' mandates that no longer hold, or were lowered."""
        await self.check([wait for wait in self.all if wait.agent.user_id in users])

    async def check_all(self) -> None:
        await self.check(list(self.all))

    async def check(self, waits: Iterable[Wait]) -> None:
        """Checks the mandates of these waits; one query for all."""
        asked = list(waits)
        if not asked:
            return
        live = await run_in_db(list_live_mandates, {wait.agent.mandate_id for wait in asked}, clock.now())
        for wait in asked:
            found = live.get(wait.agent.mandate_id)
            if found is None or found.version != wait.agent.version:
                wait.wake(REVOKED)

    # -- the end ----------------------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Answers every machine as if its time had run out, spread over the setting `DRAIN_S` as sockets are."""
        waits, loop = list(self.all), asyncio.get_running_loop()
        pause, started = settings.DRAIN_S / max(1, len(waits)), loop.time()
        for number, wait in enumerate(waits):
            await asyncio.sleep(max(0.0, started + number * pause - loop.time()))
            wait.wake(DRAINED)


waits = Waits()


async def wait_in(
    topic: str,
    agent: AgentIdentity,
    seconds: float,
    gone: Callable[[], Awaitable[None]],
    look: Callable[[], Awaitable[Look]],
) -> str:
    """Waits for an entry in the topic, at most `seconds`. Returns why it ended: news, time, drained, gone.

    `look` reads the log after the topic is joined, so that no entry is missed in between. Raises what `look` raises,
    and `auth.required` where the mandate ended meanwhile.
    """
    here = hub()
    with waits.place(agent) as wait:
        followed, seen = here.topics.begin_join(topic, wait), None
        try:
            seen = await look()
        finally:
            waits_now = seen is not None and not seen.has_news
            here.topics.end_join(
                followed, wait, seen.last_seq if seen and waits_now else None, seen.users if seen else ()
            )
        if not waits_now:
            return NEWS
        with joined(here, topic, wait):
            why = DRAINED if here.draining else await first_of(wait, seconds, gone)
    if why == REVOKED:
        raise DomainError(Code.AUTH_REQUIRED, "This mandate does not hold any longer, or not as it did. Sign in again.")
    return why


class Look:
    """What `wait_in` needs of the log: whether it has news already, its last seq, and the two parties."""

    __slots__ = ("has_news", "last_seq", "users")

    def __init__(self, has_news: bool, last_seq: int, users: tuple[int, int]) -> None:
        self.has_news, self.last_seq, self.users = has_news, last_seq, users


@contextmanager
def joined(here: Hub, topic: str, wait: Wait) -> Iterator[None]:
    """A context in which this process is subscribed to the topic, so that others publish to it."""
    here.presence.topic_joined(NOBODY, topic)
    try:
        yield
    finally:
        here.presence.topic_left(NOBODY, topic)
        here.topics.leave(topic, wait)


async def first_of(wait: Wait, seconds: float, gone: Callable[[], Awaitable[None]]) -> str:
    """The first of three: a wake-up, the end of the time, the client hanging up."""
    hung_up = asyncio.ensure_future(gone())
    left = wait.agent.expires_at.timestamp() - clock.unix()
    why = TIME if seconds < left else REVOKED
    timer = asyncio.get_running_loop().call_later(max(0.0, min(seconds, left)), wait.wake, why)
    hung_up.add_done_callback(lambda _: wait.wake(GONE))
    try:
        return await wait.woken
    finally:
        timer.cancel()
        hung_up.cancel()


# -- with the hub ------------------------------------------------------------------------------------------------------


def prepare(here: Hub) -> None:
    """Registers waiting machines with a new hub, which checks their mandates as it checks the sign-ins of sockets."""
    listen = here.bus.on_control.get(CREDENTIALS)

    def credentials(sender: str, body: Any) -> None:
        if listen is not None:
            listen(sender, body)
        users = set(body["users"])
        forget(users)
        if waits.all:
            here.spawn(attempt(lambda: waits.check_users(users)))

    here.bus.on_control[CREDENTIALS] = credentials
    here.periodic.append((RECHECK_S, waits.check_all))


async def drain() -> None:
    """Begins to answer waiting machines, while sockets are sent elsewhere."""
    here = hub()
    here.draining = True
    here.spawn(waits.drain())


CREDENTIALS = "credentials"
