"""Signs a socket in: finds its user, registers it with the hub, and sends its first frame."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from django.db import OperationalError

from accounts.authentication import presented_by
from accounts.services.presented_credentials import PresentedCredential, SocketIdentity, identifying
from core import clock
from core.api.rate_limits import scaled
from core.database.batcher import Gatherer
from core.database.conversation import Transaction
from core.database.errors import absence
from core.database.lane import LOCK_WAIT_S, lane
from core.errors import DomainError
from core.live.base_url import base_url
from core.live.frames import json_text
from core.live.hub import Hub
from core.live.socket import FLOOD, RESTARTING, UNAUTHORISED
from core.server.websocket_protocol import CUT, PUT
from negotiation.live.connection import Connection
from negotiation.live.used_tokens import note

PROTOCOL = 1
MAX_SOCKETS = 20
# The most sockets that one statement signs in, the most such statements at once, and the seconds between two of them.
MOST_SIGN_INS, SIGN_IN_LANES, SIGN_IN_PACE_S = 100, 2, 0.004


async def sign_in(connection: Connection, here: Hub, scope: Any) -> int:
    """Signs the socket in and sends the welcome. Returns 0, or the code to close with."""
    if here.draining:
        return RESTARTING
    extensions = scope.get("extensions", {})
    connection.cut, connection.put = extensions.get(CUT), extensions.get(PUT)
    connection.base = base_url(scope)
    with here.topics.expect():
        try:
            identity = await sign_ins().submit(presented_by(scope["headers"], scope["query_string"]))
        except DomainError:
            return RESTARTING  # the database is away, and the client should come back in a moment
        return UNAUTHORISED if identity is None else enter(connection, here, identity)


def enter(connection: Connection, here: Hub, identity: SocketIdentity) -> int:
    """Sends the welcome and registers the socket with the hub. Returns 0, or the code to close with."""
    if here.draining:
        return RESTARTING
    if here.presence.socket_count(identity.user_id) >= scaled(MAX_SOCKETS):
        return FLOOD
    connection.hub, connection.user_id, connection.credential = here, identity.user_id, identity.credential
    connection.agent = identity.agent
    connection.expires_at = identity.expires_at.timestamp() if identity.expires_at else 0.0
    connection.push_text(json_text(welcome(identity)))
    here.open(connection, connection.inbox)
    return 0


SignIns = Gatherer[PresentedCredential, SocketIdentity | None]
_sign_ins: WeakKeyDictionary[asyncio.AbstractEventLoop, SignIns] = WeakKeyDictionary()


def sign_ins() -> SignIns:
    """Returns the batcher of this loop's sign-ins. When thousands reconnect at once, many share a statement."""
    loop = asyncio.get_running_loop()
    if loop not in _sign_ins:
        _sign_ins[loop] = SignIns(_identify, most=MOST_SIGN_INS, lanes=SIGN_IN_LANES, pace_s=SIGN_IN_PACE_S)
    return _sign_ins[loop]


async def _identify(presented: list[PresentedCredential]) -> list[SocketIdentity | None]:
    now = clock.now()
    try:
        found = await lane().transact(Transaction(partial(identifying, presented, now), LOCK_WAIT_S, again=True))
        if found.uses:
            await note(found.uses, now)
    except OperationalError as error:
        raise absence(error) from error
    return found.identities


def welcome(identity: SocketIdentity) -> dict[str, Any]:
    """Returns the first frame."""
    return {
        "type": "welcome",
        "protocol": PROTOCOL,
        "user": {"id": identity.user_id, "name": identity.name, "is_host": identity.is_host},
        "server_time": clock.stamp(clock.now()),
        "unread": identity.unread,
    }
