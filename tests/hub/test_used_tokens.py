"""The tokens by which sockets sign in are noted as used: soon, and before the welcome where they are about to end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from accounts.models import AuthToken
from accounts.services.token_uses import TokenUse
from core import clock
from core.database.lane import close_lane
from core.database.threads import threads
from negotiation.live import used_tokens
from negotiation.live.used_tokens import UsedTokens, note, note_the_rest
from tests.factories.accounts import make_token, make_user
from tests.waiting import until

MONTH = timedelta(seconds=settings.TOKEN_TTL_S)
HOUR = timedelta(hours=1)


@pytest.fixture
async def note_nothing_soon(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(used_tokens, "SOON_S", 600.0)
    yield
    await close_lane()
    await asyncio.to_thread(threads.stop)


def unused(lives: timedelta = MONTH, count: int = 1) -> list[tuple[AuthToken, str]]:
    """Tokens that were used an hour ago."""
    now = clock.now()
    return [make_token(make_user(), now=now - HOUR, lives=HOUR + lives) for _ in range(count)]


def times_of(token: AuthToken) -> tuple[Any, Any]:
    try:
        token.refresh_from_db()
        return token.last_used_at, token.expiry
    finally:
        connection.close()


@pytest.mark.parametrize("lives", [timedelta(days=9), timedelta(hours=9)])
def test_a_socket_renews_its_token(tab: Callable[..., Any], lives: timedelta) -> None:
    [(token, key)] = unused(lives)
    was = times_of(token)
    tab(headers={"Authorization": f"Token {key}"}).welcome()
    if lives > timedelta(days=1):
        until(lambda: times_of(token) != was)
    used_at, expiry = times_of(token)
    assert used_at > was[0] + HOUR - timedelta(minutes=1)
    assert expiry == used_at + MONTH


async def test_what_waits_is_noted_at_the_end_of_the_process(note_nothing_soon: None) -> None:
    tokens = await asyncio.to_thread(unused, MONTH, 3)
    now = clock.now()
    await note([TokenUse(token.pk, now, token.expiry) for token, _ in tokens], now)
    assert await asyncio.to_thread(times_of, tokens[0][0]) == (tokens[0][0].last_used_at, tokens[0][0].expiry)
    await note_the_rest()
    assert [await asyncio.to_thread(times_of, token) for token, _ in tokens] == [(now, now + MONTH)] * 3


async def test_uses_wait_for_a_database_that_is_away_and_the_latest_counts(
    note_nothing_soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(token, _)] = await asyncio.to_thread(unused)
    used, now = UsedTokens(), clock.now()
    used.add([TokenUse(token.pk, now, token.expiry)])

    async def fail(uses: Any) -> None:
        used.add([TokenUse(token.pk, now + HOUR, token.expiry)])
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(used_tokens, "write", fail)
        assert not await used.note_all()
    assert await used.note_all()
    assert await asyncio.to_thread(times_of, token) == (now + HOUR, now + HOUR + MONTH)
    assert not used.waiting


async def test_no_more_wait_than_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used_tokens, "MOST", 3)
    used, now = UsedTokens(), clock.now()
    used.add(TokenUse(number, now, None) for number in range(5))
    used.add([TokenUse(2, now + HOUR, None)])
    assert [(use.token_id, use.at) for use in used.waiting.values()] == [(0, now), (1, now), (2, now + HOUR)]
    assert used.timer is not None
    used.timer.cancel()
