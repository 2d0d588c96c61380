"""Finds the mandate of the key that a request presents."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from accounts.selectors.mandates import AgentIdentity
from accounts.services.presented_credentials import identify_agents
from core import clock
from core.database.batcher import Gatherer
from core.database.threads import run_in_db

# A key that was presented a moment ago is not looked up again. This serves reads: the engine judges each move by the mandate
# under its lock. A mandate that ends is forgotten here at once (`forget`).
KNOWN_S = 1.5
MOST_KNOWN = 10_000

Identities = Gatherer[str, AgentIdentity | None]
_identities: WeakKeyDictionary[asyncio.AbstractEventLoop, Identities] = WeakKeyDictionary()
_known: dict[str, tuple[AgentIdentity, float]] = {}


async def identify(key: str) -> AgentIdentity | None:
    """The mandate of the key; None for one that is not, or no longer, a mandate's. Raises DomainError without the database."""
    loop = asyncio.get_running_loop()
    if (known := _known.get(key)) is not None and known[1] > loop.time() and known[0].is_live(clock.now()):
        return known[0]
    if loop not in _identities:
        _identities[loop] = Identities(lambda keys: run_in_db(identify_agents, keys, clock.now()), most=100, lanes=2)
    agent = await _identities[loop].submit(key)
    if agent is None:
        _known.pop(key, None)
        return None
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[key] = agent, loop.time() + KNOWN_S
    return agent


def forget(users: set[int]) -> None:
    """Forgets the keys of these users, whose mandates have changed."""
    for key in [key for key, (agent, _) in _known.items() if agent.user_id in users]:
        del _known[key]
