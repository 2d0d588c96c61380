"""Sets this process's hub up for negotiations: it fills gaps from the log, publishes presence, and closes sockets whose
sign-in has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, cast

import structlog

from accounts.selectors.credentials import AskedCredentials, list_ended_credentials, list_live_credentials
from accounts.selectors.notifications import list_notifications_since
from accounts.services.notifications import publication_of
from core import clock
from core.api.rate_limits import scaled
from core.database.threads import run_in_db
from core.live.courier import Item
from core.live.hub import Hub, attempt
from core.live.publishing import Publication
from core.live.socket import FLOOD, UNAUTHORISED
from negotiation.events import TOPIC, negotiation_topic, presence_frame
from negotiation.live.batcher import forget_negotiation
from negotiation.live.connection import Connection
from negotiation.live.sign_in import MAX_SOCKETS, sign_ins
from negotiation.selectors.entries import get_last_seqs, list_frames

log = structlog.get_logger(__name__)

# Seconds after which all sign-ins are checked again, in case the message about the end of one was lost.
RECHECK_S = 20.0
# The number of sockets that are checked in a turn, and the seconds between two turns. A shell or an SQL prompt that deletes a
# sign-in sends no message; with up to 2,000 sockets the socket still closes within two seconds. Where one turn is enough for
# all sockets, every second turn is left out.
IN_TURN, IN_TURN_S = 1000, 0.8
EXPIRY_S = 1.0
# The control message {"users": [ids]} says that the sign-ins of these users have changed.
CREDENTIALS = "credentials"
# Seconds before a loss from which on stored notifications are published again. Clients drop repeats by their id.
OVERLAP_S = 15.0
MOST_TOLD_AGAIN = 1000
GAP_PAGE = 2000


def prepare(hub: Hub) -> None:
    """Sets a new hub up for negotiations."""
    live = Live(hub)
    hub.topics.read_log, hub.topics.read_heads = live.read_log, live.read_heads
    hub.on_presence.append(live.publish_presence)
    hub.on_sockets_elsewhere.append(live.close_the_excess)
    hub.on_loss += [live.republish_notifications, live.recheck]
    hub.bus.on_news = live.receive_news
    hub.bus.on_control[CREDENTIALS] = live.receive_credentials
    hub.periodic += [
        (RECHECK_S, live.recheck),
        (IN_TURN_S, live.recheck_in_turn),
        (EXPIRY_S, live.recheck_expired),
        (EXPIRY_S, live.note_health),
    ]


class Live:
    """The state that negotiations keep for one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        # All notifications up to this moment have certainly come. `clock` agrees with the database about the time.
        self.delivered_until = clock.now()
        # The number of sockets, in the order of their arrival, that have had their turn.
        self.turn = 0
        # Whether the turn that was last due was left out.
        self.pauses = True
        # The number of sockets that had come, and the first moment at which one of them expires, at the last look for those.
        self.arrived, self.first_expiry = 0, 0.0
        # The sockets that were checked last, and what was asked about them: mostly they are the same the next time.
        self.checked: list[Connection] = []
        self.asked = AskedCredentials(())

    # -- moves elsewhere -------------------------------------------------------------------------------------------

    def receive_news(self, items: Iterable[Item]) -> None:
        """Drops from this loop's memory the negotiations that a thread or another process has changed."""
        for topic, _, seq, _ in items:
            if seq is not None and topic.startswith(TOPIC):
                forget_negotiation(id_of(topic))

    # -- the log ---------------------------------------------------------------------------------------------------

    async def read_log(self, wanted: Sequence[tuple[str, int]]) -> Iterable[tuple[str, int, bytes]]:
        return await run_in_db(read_gaps, wanted)

    async def read_heads(self, topics: Sequence[str]) -> dict[str, int]:
        heads = await run_in_db(get_last_seqs, [id_of(topic) for topic in topics])
        return {negotiation_topic(id): seq for id, seq in heads.items()}

    # -- presence --------------------------------------------------------------------------------------------------

    def publish_presence(self, user_id: int, online: bool) -> None:
        for topic in tuple(self.hub.topics.watching.get(user_id, ())):
            side = "guest" if topic.watched[0] == user_id else "host"
            topic.push_ephemeral(presence_frame(id_of(topic.name), side, online), except_user=user_id)

    def close_the_excess(self, users: list[int]) -> None:
        """Closes the latest sockets of a user who has too many.

        Two processes may admit sockets at the same moment, before each knows about the other's.
        """
        most = scaled(MAX_SOCKETS)
        for user_id in users:
            if self.hub.presence.socket_count(user_id) > most and self.hub.yields(user_id):
                here = [s for s in self.connections() if s.user_id == user_id and not s.closing]
                for connection in here[max(0, most - self.hub.presence.elsewhere[user_id]) :]:
                    connection.close(FLOOD)

    # -- sign-ins --------------------------------------------------------------------------------------------------

    def receive_credentials(self, sender: str, body: Any) -> None:
        self.hub.spawn(attempt(lambda: self.check_users(set(body["users"]))))

    async def check_users(self, users: set[int]) -> None:
        """Checks these users' sockets, and again after each running batch of sign-ins, which may have read an ended one."""
        arriving = asyncio.as_completed(tuple(sign_ins().under_way))
        await self.check([s for s in self.connections() if s.user_id in users])
        for arrived in arriving:
            await arrived
            await self.check([s for s in self.connections() if s.user_id in users])

    async def recheck(self) -> None:
        """Checks all sockets, a thousand with each query."""
        connections = self.connections()
        for start in range(0, len(connections), 1000):
            await self.check(connections[start : start + 1000])

    async def recheck_in_turn(self) -> None:
        """Checks the next `IN_TURN` sockets, with one query."""
        connections = self.connections()
        self.pauses = not self.pauses and len(connections) <= IN_TURN
        if self.pauses:
            return
        start = self.turn if self.turn < len(connections) else 0
        self.turn = start + IN_TURN
        await self.check(connections[start : self.turn])

    async def recheck_expired(self) -> None:
        """Closes sockets whose sign-in has expired, unless it was renewed meanwhile."""
        now = clock.unix()
        if self.hub.arrived == self.arrived and now < self.first_expiry:
            return
        self.arrived = self.hub.arrived
        connections = self.connections()
        self.first_expiry = min((s.expires_at for s in connections if s.expires_at), default=inf)
        expired = [s for s in connections if s.expires_at and s.expires_at <= now and s.credential is not None]
        if not expired:
            return
        good = await run_in_db(list_live_credentials, [s.credential for s in expired], clock.now())
        for connection in expired:
            if connection.credential not in good:
                connection.close(UNAUTHORISED)
            elif (expires_at := good[connection.credential]) is not None:
                connection.expires_at = expires_at.timestamp()

    def connections(self) -> list[Connection]:
        # Only `sign_in` registers sockets with this hub, and they are these.
        return cast("list[Connection]", [*self.hub.sockets])

    async def check(self, connections: list[Connection]) -> None:
        """Closes those of these sockets whose sign-in has ended, with one query for each kind of sign-in."""
        if connections != self.checked:
            self.checked = connections
            self.asked = AskedCredentials({s.credential for s in connections if s.credential is not None})
        ended = await run_in_db(list_ended_credentials, self.asked, clock.now()) if self.asked else ()
        if ended:
            for connection in connections:
                if connection.credential in ended:
                    connection.close(UNAUTHORISED)

    # -- the inbox -------------------------------------------------------------------------------------------------

    async def note_health(self) -> None:
        """Records that everything up to now has come, unless something may be lost."""
        if not self.hub.bus.deaf and not self.hub.resyncing:
            self.delivered_until = clock.now()

    async def republish_notifications(self) -> None:
        """Publishes the notifications again that were stored while some may have been lost."""
        since = self.delivered_until - timedelta(seconds=OVERLAP_S)
        users = list(self.hub.presence.users)
        for publication in await run_in_db(notifications_since, users, since):
            self.hub.topics.deliver(publication.topic, publication.frame, publication.seq)
        self.delivered_until = clock.now()


def id_of(topic: str) -> int:
    """Returns the id of the negotiation whose topic this is."""
    return int(topic.rpartition(":")[2])


def read_gaps(wanted: Sequence[tuple[str, int]]) -> list[tuple[str, int, bytes]]:
    """Returns `(topic, seq, frame)` of each topic's entries after the given seq, ascending."""
    return [
        (topic, seq, frame)
        for topic, after_seq in wanted
        for seq, frame in list_frames(id_of(topic), after_seq=after_seq, limit=GAP_PAGE)
    ]


def notifications_since(users: list[int], since: datetime) -> list[Publication]:
    """Returns the pushes of these users that were stored since then, oldest first."""
    rows = list_notifications_since(users, since, limit=MOST_TOLD_AGAIN)
    return [publication_of(row) for row in rows]
