"""A socket is in so many topics at most, whichever command would bring it into one more."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import DomainError
from core.live.hub import Hub
from negotiation.live import commands
from negotiation.live.commands import MAX_ROOMS, Call
from negotiation.live.connection import Connection


async def nowhere(_: Any) -> None:
    """A connection that takes everything."""


@pytest.fixture
async def connection() -> Connection:
    """A signed-in socket that is in as many topics as it may."""
    connection = Connection(nowhere)
    connection.hub, connection.user_id = Hub(), 7
    for id in range(1, MAX_ROOMS + 1):
        join(connection, id)
    return connection


def join(connection: Connection, id: int) -> None:
    call = Call(connection, "id", "negotiation.join", {})
    commands.end_join(call, commands.begin_join(call, id), told=0, users=(7, 8))


async def test_one_room_too_many(connection: Connection) -> None:
    assert MAX_ROOMS == 200
    with pytest.raises(DomainError) as refused:
        join(connection, 201)
    assert (refused.value.code, refused.value.params) == ("rate_limited", {"retry_after": 1})
    assert "negotiation:201" not in connection.hub.topics.logs


async def test_joining_again_is_no_further_room_and_leaving_makes_room(connection: Connection) -> None:
    join(connection, 1)
    await commands.leave(Call(connection, "id", "negotiation.leave", {"negotiation": 1}))
    join(connection, 201)
    assert len(connection.topics) == MAX_ROOMS


async def test_an_opening_is_refused_before_anything_was_opened(connection: Connection) -> None:
    """Without a database: whatever went on to it would fail otherwise."""
    with pytest.raises(DomainError) as refused:
        await commands.open_negotiation(Call(connection, "id", "negotiation.open", {}))
    assert refused.value.code == "rate_limited"


async def test_limits_grow_with_their_factor(connection: Connection, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 2
    join(connection, 201)
    assert len(connection.topics) == MAX_ROOMS + 1
