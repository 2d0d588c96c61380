"""A client of the broker for short questions: an answer within a bounded time, or an error."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


def open_broker(timeout_s: float, **options: Any) -> redis.Redis:
    """A client of the broker; the caller closes it. `options` go to redis-py.

    Connecting and each answer take `timeout_s` seconds at most and are tried once: redis-py's own retries would multiply the
    time. Raises redis.RedisError from a command that was not answered.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        **options,
    )
