"""Stores in the broker which users are online, for processes without an event loop. It is renewed every `LEASE_RENEW_S`."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from core.broker import open_broker

LEASE_S = 45
LEASE_RENEW_S = 10.0
LEASE_BATCH = 1000
BROKER_WAIT_S = 1.0


def lease_key() -> str:
    """Returns the broker's key under which it stores until when each user counts as online."""
    return f"{settings.CHANNEL_PREFIX}:online"


def renew_leases(users: Iterable[int], now: float) -> None:
    """Stores in the broker that these users are online. `now` is in Unix seconds. Raises RedisError.

    It blocks, so it runs in a thread: redis-py writes a command of many parts in C, and on the event loop it would not.
    """
    names = list(users)
    with open_broker(BROKER_WAIT_S) as client:
        for start in range(0, len(names), LEASE_BATCH):
            client.zadd(lease_key(), dict.fromkeys(map(str, names[start : start + LEASE_BATCH]), now))
        client.zremrangebyscore(lease_key(), 0, now - LEASE_S)


def leases_of(user_ids: list[int]) -> list[float | None]:
    """Returns until when each of these users counts as online, in Unix seconds; None where not. Raises RedisError."""
    with open_broker(BROKER_WAIT_S) as client:
        return client.zmscore(lease_key(), [str(user_id) for user_id in user_ids])
