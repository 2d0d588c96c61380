"""The command table: the function that runs each command of the socket. `negotiation/declarations.py` declares them.

The moves go to the engine, which REST uses as well; commands of the socket alone are done here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from accounts.services.notifications import read_all_notifications, read_notification
from core import clock
from core.api.idempotency import run_once
from core.api.rate_limits import scaled, too_fast
from core.database.threads import run_in_db
from core.errors import not_found
from core.live.publishing import Publication, publish
from core.live.topics import LogTopic, text_message
from negotiation.declarations import DECLARATIONS, Declaration
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.events import negotiation_topic, typing_frame
from negotiation.live.batcher import submit
from negotiation.live.join_page import JoinPage, read_join_page
from negotiation.live.replies import socket_reply
from negotiation.moves import Move
from negotiation.selectors.entries import list_frames
from negotiation.selectors.snapshots import get_parties
from negotiation.services.seen_marks import mark_seen

if TYPE_CHECKING:
    from negotiation.live.connection import Connection

MAX_ROOMS = 200
# A repeated state of typing is not published again within this time (seconds).
TYPING_EVERY_S = 2.0
MAX_TYPING = 32


class Call:
    """One command of one socket while it runs."""

    __slots__ = ("connection", "fields", "id", "name", "then")

    def __init__(self, connection: Connection, id: str, name: str, fields: dict[str, Any]) -> None:
        self.connection, self.id, self.name, self.fields = connection, id, name, fields
        # Runs when the reply has left, also for a refusal.
        self.then: Callable[[], None] | None = None

    def read(self) -> dict[str, Any]:
        """The fields as the command's declaration has them. Raises `invalid`."""
        return DECLARATIONS[self.name].fields.read(self.fields)

    def read_move(self) -> Move:
        """The move that the command makes, by a person or by a machine under its mandate."""
        agent, user_id = self.connection.agent, self.connection.user_id
        mandate_id = None if agent is None else agent.mandate_id
        return read_move(self.name, self.fields, actor_id=user_id, key=self.id, mandate_id=mandate_id)

    def settle(self) -> None:
        if self.then is not None:
            self.then()


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command, and what runs it."""

    declaration: Declaration
    run: Callable[[Call], Awaitable[Any]]

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def kept(self) -> bool:
        """Whether it is done once, and remembered under its id for 24 h."""
        return self.declaration.kept

    @property
    def fields(self) -> dict[str, bool]:
        """name → whether it has to be given."""
        return self.declaration.fields.needed()


# -- moves: what REST can do as well -----------------------------------------------------------------------------------


async def run_move(call: Call) -> Any:
    """Hands the move to the engine and gives its outcome in the socket's shape."""
    outcome = await submit(call.read_move())
    return socket_reply(outcome, call.connection.base)


async def open_negotiation(call: Call) -> Any:
    """`negotiation.open`: replies with the snapshot; the sender has joined the topic, and gets the opening's entries live."""
    here = call.connection.hub
    if here is None:
        raise not_found()
    check_room_left(call.connection)
    with here.topics.expect():
        outcome = await submit(call.read_move())
        snapshot = socket_reply(outcome, call.connection.base)
        followed = begin_join(call, snapshot["id"])
        own = await _own_entries(call, outcome, snapshot)

        def then() -> None:
            for frame in own:
                call.connection.push(text_message(frame))
            end_join(call, followed, snapshot["last_seq"], parties(snapshot))

        call.then = then
        here.topics.catch_up(followed.name)
    return snapshot


async def _own_entries(call: Call, outcome: Outcome, snapshot: Mapping[str, Any]) -> list[bytes]:
    """The frames of an opening up to its snapshot, which were published before a socket here had joined. None on a repeat."""
    after = outcome.answer.after if outcome.answer else None
    if after is None or call.connection.hub is None:
        return []
    wanted = range(after + 1, snapshot["last_seq"] + 1)
    missed = call.connection.hub.topics.missed_of(negotiation_topic(snapshot["id"]))
    if all(seq in missed for seq in wanted):
        return [missed[seq] for seq in wanted]
    frames = await run_in_db(partial(list_frames, snapshot["id"], after_seq=after, limit=len(wanted)))
    return [frame for _, frame in frames]


# -- topics -----------------------------------------------------------------------------------------------------------


async def join(call: Call) -> dict[str, Any]:
    """`negotiation.join`: a page of the log, then new entries live. It joins before it reads the log: none is missed."""
    fields = call.read()
    negotiation_id, after_seq = fields["negotiation_id"], fields.get("after_seq", 0)
    followed = begin_join(call, negotiation_id)
    page: JoinPage | None = None

    def then() -> None:
        told = None if page is None or page.more else page.told
        end_join(call, followed, told, parties(page.snapshot) if page else ())

    call.then = then
    only = call.connection.agent.side if call.connection.agent else None
    page = await run_in_db(
        read_join_page, negotiation_id, call.connection.user_id, after_seq, clock.now(), call.connection.base, only
    )
    return page.reply()


def begin_join(call: Call, negotiation_id: int) -> LogTopic:
    connection, topic = call.connection, negotiation_topic(negotiation_id)
    if connection.hub is None:
        raise not_found()
    if is_joined(connection, topic):
        connection.hub.presence.topic_left(connection.present_as, topic)
    else:
        check_room_left(connection)
    return connection.hub.topics.begin_join(topic, connection)


def check_room_left(connection: Connection) -> None:
    """Raises rate_limited where the socket is in as many topics as it may."""
    if len(connection.topics) >= scaled(MAX_ROOMS):
        raise too_fast(1)


def end_join(call: Call, followed: LogTopic, told: int | None, users: tuple[int, ...]) -> None:
    connection = call.connection
    if connection.hub is None:
        return
    connection.hub.topics.end_join(followed, connection, told, users)
    if followed in connection.topics:
        connection.hub.presence.topic_joined(connection.present_as, followed.name)


def is_joined(connection: Connection, topic: str) -> bool:
    followed = connection.hub.topics.logs.get(topic) if connection.hub else None
    return followed is not None and followed in connection.topics


def parties(snapshot: Mapping[str, Any]) -> tuple[int, int]:
    """Guest and host, in this order."""
    return snapshot["guest"]["id"], snapshot["host"]["id"]


async def leave(call: Call) -> dict[str, Any]:
    """`negotiation.leave`; it does nothing where the socket is not in the topic."""
    negotiation_id = call.read()["negotiation_id"]
    connection, topic = call.connection, negotiation_topic(negotiation_id)
    if connection.hub is not None and is_joined(connection, topic):
        connection.hub.presence.topic_left(connection.present_as, topic)
        connection.hub.topics.leave(topic, connection)
    else:
        await side_of(call, negotiation_id)
    return {}


# -- of the moment ---------------------------------------------------------------------------------------------------


async def set_typing(call: Call) -> dict[str, Any]:
    """`typing.set`: published to the topic, the same state at most every two seconds."""
    fields = call.read()
    negotiation_id, typing = fields["negotiation_id"], fields["typing"]
    side = await side_of(call, negotiation_id)
    if is_news(call.connection, negotiation_id, typing):
        publish([Publication(negotiation_topic(negotiation_id), typing_frame(negotiation_id, side, typing))])
    return {}


def is_news(connection: Connection, negotiation_id: int, typing: bool) -> bool:
    now = time.monotonic()
    if connection.typing is None or len(connection.typing) > MAX_TYPING:
        connection.typing = {}
    told, at = connection.typing.get(negotiation_id, (False, 0.0))
    if told == typing and now - at < TYPING_EVERY_S:
        return False
    connection.typing[negotiation_id] = (typing, now)
    return True


async def side_of(call: Call, negotiation_id: int) -> str:
    """The user's side; it needs no query where a socket of this process has joined the topic."""
    followed = call.connection.hub.topics.logs.get(negotiation_topic(negotiation_id)) if call.connection.hub else None
    users = (followed.watched if followed else ()) or await run_in_db(get_parties, negotiation_id)
    if call.connection.user_id not in users:
        raise not_found()
    side = "guest" if users[0] == call.connection.user_id else "host"
    if call.connection.agent is not None and call.connection.agent.side != side:
        raise not_found()
    return side


async def see(call: Call) -> dict[str, Any]:
    """`seen.mark`: never backwards, never past the log's end."""
    fields = call.read()
    if call.connection.agent is not None:
        await side_of(call, fields["negotiation_id"])
    await run_in_db(mark_seen, fields["negotiation_id"], call.connection.user_id, fields["seq"])
    return {}


async def read(call: Call) -> dict[str, Any]:
    """`notification.read`: one, or `"all"`."""
    return await run_in_db(_read, call.connection.user_id, call.id, call.fields.get("notification"), clock.now())


def _read(user_id: int, key: str, which: Any, now: datetime) -> dict[str, Any]:
    def do() -> dict[str, Any]:
        number = DECLARATIONS["notification.read"].fields.read({"notification": which})["notification"]
        if number == "all":
            return {"unread": read_all_notifications(user_id=user_id, now=now)}
        return {"unread": read_notification(user_id=user_id, notification_id=number, now=now)}

    content = {"notification": str(which)}
    return run_once(account_id=user_id, key=key, kind="notification.read", fields=content, now=now, do=do).outcome


async def ping(call: Call) -> dict[str, Any]:
    """`ping`: replies with the hub's time."""
    return {"server_time": clock.stamp(clock.now())}


RUN: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "negotiation.open": open_negotiation,
    "negotiation.join": join,
    "negotiation.leave": leave,
    "typing.set": set_typing,
    "seen.mark": see,
    "notification.read": read,
    "ping": ping,
}
# `run_move` runs every move that needs nothing else.
COMMANDS = {name: Command(declaration, RUN.get(name, run_move)) for name, declaration in DECLARATIONS.items()}
