"""The table of the functions that run each command of the socket. `negotiation/declarations.py` declares the commands.

Moves go to the engine, as they do from REST. This file runs the commands that exist only on the socket.
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
# Seconds within which the same state of typing is not published again.
TYPING_EVERY_S = 2.0
MAX_TYPING = 32


class Call:
    """One command of one socket while it runs."""

    __slots__ = ("connection", "fields", "id", "name", "then")

    def __init__(self, connection: Connection, id: str, name: str, fields: dict[str, Any]) -> None:
        self.connection, self.id, self.name, self.fields = connection, id, name, fields
        # Called after the reply was sent, also after a refusal.
        self.then: Callable[[], None] | None = None

    def read(self) -> dict[str, Any]:
        """Reads the fields by the command's declaration. Raises `invalid`."""
        return DECLARATIONS[self.name].fields.read(self.fields)

    def read_move(self) -> Move:
        """Returns the move that the command makes, for a person or for a machine under its mandate."""
        agent, user_id = self.connection.agent, self.connection.user_id
        mandate_id = None if agent is None else agent.mandate_id
        return read_move(self.name, self.fields, actor_id=user_id, key=self.id, mandate_id=mandate_id)


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command, and the function that runs it."""

    declaration: Declaration
    run: Callable[[Call], Awaitable[Any]]

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def kept(self) -> bool:
        """Whether the command runs only once: its outcome is stored under its id for 24 h."""
        return self.declaration.kept

    @property
    def fields(self) -> dict[str, bool]:
        """name of a field → whether it is required."""
        return self.declaration.fields.needed()


# -- moves, which REST can make as well --------------------------------------------------------------------------------


async def run_move(call: Call) -> Any:
    """Hands the move to the engine; returns the data of the socket's reply. Raises the refusal."""
    outcome = await submit(call.read_move())
    return socket_reply(outcome, call.connection.base)


async def open_negotiation(call: Call) -> Any:
    """`negotiation.open`: replies with the snapshot. The sender joins the topic, and then gets the opening's entries."""
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
    """Returns the frames of an opening up to its snapshot, published before this socket had joined; none for a repeat."""
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
    """`negotiation.join`: replies with a page of the log; new entries follow. It joins before it reads, to miss none."""
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
    """Raises rate_limited where the socket is in as many topics as it may join."""
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
    """Returns the ids of guest and host, in this order."""
    return snapshot["guest"]["id"], snapshot["host"]["id"]


async def leave(call: Call) -> dict[str, Any]:
    """`negotiation.leave`: leaves the topic; does nothing where the socket is not in it."""
    negotiation_id = call.read()["negotiation_id"]
    connection, topic = call.connection, negotiation_topic(negotiation_id)
    if connection.hub is not None and is_joined(connection, topic):
        connection.hub.presence.topic_left(connection.present_as, topic)
        connection.hub.topics.leave(topic, connection)
    else:
        await side_of(call, negotiation_id)
    return {}


# -- typing, seen marks, notifications, ping -------------------------------------------------------------------------


async def set_typing(call: Call) -> dict[str, Any]:
    """`typing.set`: publishes the state to the topic, the same state at most every two seconds."""
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
    """Returns the user's side. It needs no query where a socket of this process has joined the topic. Raises not_found."""
    followed = call.connection.hub.topics.logs.get(negotiation_topic(negotiation_id)) if call.connection.hub else None
    users = (followed.watched if followed else ()) or await run_in_db(get_parties, negotiation_id)
    if call.connection.user_id not in users:
        raise not_found()
    side = "guest" if users[0] == call.connection.user_id else "host"
    if call.connection.agent is not None and call.connection.agent.side != side:
        raise not_found()
    return side


async def see(call: Call) -> dict[str, Any]:
    """`seen.mark`: moves the mark forward, never backwards and never past the end of the log."""
    fields = call.read()
    if call.connection.agent is not None:
        await side_of(call, fields["negotiation_id"])
    await run_in_db(mark_seen, fields["negotiation_id"], call.connection.user_id, fields["seq"])
    return {}


async def read(call: Call) -> dict[str, Any]:
    """`notification.read`: marks one notification as read, or with `"all"` all of them."""
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
# `run_move` runs every command that is not in RUN.
COMMANDS = {name: Command(declaration, RUN.get(name, run_move)) for name, declaration in DECLARATIONS.items()}
