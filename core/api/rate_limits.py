"""Limits how often a client may do something.

There are two kinds: windows (at most `count` in any `seconds`), which all processes share through the broker and keep by
themselves while it is down; and REST's token buckets, one for each process. All counts are multiplied by RATE_LIMIT_FACTOR.
"""

from __future__ import annotations

import logging
import math
import threading
import uuid
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import limits
from core.api.client_address import client_address
from core.broker import open_broker
from core.errors import Code, DomainError
from core.kept_settings import kept

log = logging.getLogger(__name__)

BROKER_TIMEOUT_S = 0.5
# A broker that did not answer is not asked again for so long, so that not every sign-in waits for it.
BROKER_REST_S = 5.0
MAX_LOCAL = 100_000
REST_BURST, REST_PER_SECOND = 60, 20
ANONYMOUS_SHARE = 0.5
# Commands of a user over the socket: so many at once, and so many a second sustained.
BURST, PER_SECOND = 30, 10
# A bucket that rested so long is full, at the rates of socket and REST.
RESTED_S = 60.0

# Each key is a sorted set of moments; a use is entered in all of them or, where one is full, in none.
_TAKE = """
local now, member, wait = tonumber(ARGV[1]), ARGV[2], 0
for i, key in ipairs(KEYS) do
    local count, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    if redis.call('ZCARD', key) >= count then
        local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
        wait = math.max(wait, tonumber(oldest[2]) + window - now)
    end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
    redis.call('ZADD', key, now, member)
    redis.call('PEXPIRE', key, ARGV[2 * i + 2])
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` uses of `key` in any `seconds`."""

    key: str
    count: int
    seconds: int

    @property
    def allowed(self) -> int:
        """`count` scaled by the setting RATE_LIMIT_FACTOR, at least 1."""
        return scaled(self.count)


@dataclass(frozen=True, slots=True)
class Use:
    """One use, entered in some windows; can be taken back."""

    member: str
    windows: tuple[Window, ...]


def scaled(count: float) -> int:
    """`count` scaled by the setting RATE_LIMIT_FACTOR."""
    return limits.scaled(count, settings.RATE_LIMIT_FACTOR)


@kept
def allowance() -> tuple[int, int]:
    """How many commands a user may send over the socket at once, and how many a second sustained."""
    return scaled(BURST), scaled(PER_SECOND)


def take(windows: Sequence[Window], now: datetime) -> Use:
    """Enters one use in all windows. Raises `rate_limited` where one is full, and then enters none."""
    use = Use(uuid.uuid4().hex, tuple(windows))
    wait_ms = _counter.take(use, int(now.timestamp() * 1000))
    if wait_ms > 0:
        raise DomainError(Code.RATE_LIMITED, params={"retry_after": -(-wait_ms // 1000)})
    return use


def give_back(use: Use) -> None:
    """Takes back a use that turned out not to count."""
    _counter.give_back(use)


def forget_all() -> None:
    """Empties what this process counts by itself; the broker's counters stay."""
    _counter.local.uses.clear()
    _buckets.clear()


class LocalCounter:
    """The windows of one process, for when the broker is down."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.uses: dict[str, dict[str, int]] = {}

    def take(self, use: Use, now_ms: int) -> int:
        with self.lock:
            if len(self.uses) > MAX_LOCAL:
                self.uses.clear()
            wait = max(self.wait(window, now_ms) for window in use.windows)
            if wait == 0:
                for window in use.windows:
                    self.uses.setdefault(window.key, {})[use.member] = now_ms
            return wait

    def wait(self, window: Window, now_ms: int) -> int:
        """Milliseconds until the window has room; forgets what left it."""
        span = window.seconds * 1000
        kept = {member: at for member, at in self.uses.get(window.key, {}).items() if at > now_ms - span}
        self.uses[window.key] = kept
        return min(kept.values()) + span - now_ms if len(kept) >= window.allowed else 0

    def give_back(self, use: Use) -> None:
        with self.lock:
            for window in use.windows:
                self.uses.get(window.key, {}).pop(use.member, None)


class SharedCounter:
    """The windows in the broker; a process's own ones stand in for it while it is down."""

    def __init__(self) -> None:
        self.local = LocalCounter()
        self.rests_until = 0.0
        self._client: redis.Redis | None = None

    @property
    def client(self) -> redis.Redis:
        if self._client is None:
            self._client = open_broker(BROKER_TIMEOUT_S)
        return self._client

    def take(self, use: Use, now_ms: int) -> int:
        if monotonic() >= self.rests_until:
            try:
                arguments: list[Any] = [now_ms, use.member]
                for window in use.windows:
                    arguments += [window.allowed, window.seconds * 1000]
                keys = [name_of(window) for window in use.windows]
                return int(self.client.eval(_TAKE, len(keys), *keys, *arguments))
            except redis.RedisError as error:
                self.rest(error)
        return self.local.take(use, now_ms)

    def give_back(self, use: Use) -> None:
        self.local.give_back(use)
        if monotonic() < self.rests_until:
            return
        try:
            with self.client.pipeline(transaction=False) as pipeline:
                for window in use.windows:
                    pipeline.zrem(name_of(window), use.member)
                pipeline.execute()
        except redis.RedisError as error:
            self.rest(error)

    def rest(self, error: Exception) -> None:
        log.warning("limits are counted per process: the broker did not answer: %s", error)
        self.rests_until = monotonic() + BROKER_REST_S


def name_of(window: Window) -> str:
    """The window's key in the broker."""
    return f"{settings.CHANNEL_PREFIX}:limit:{window.key}"


_counter = SharedCounter()


class Buckets:
    """Token buckets of this process: for each key `burst` at once, `rate` a second sustained."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left: dict[Hashable, tuple[float, float]] = {}
        self.forgot_at = 0.0

    def take(self, key: Hashable, burst: float, rate: float, now: float) -> float:
        """0 where one more is allowed, else the seconds until it is. `now` is monotonic."""
        with self.lock:
            if now - self.forgot_at > RESTED_S:
                self.forget_rested(now)
            left, at = self.left.get(key, (burst, now))
            left = min(burst, left + (now - at) * rate)
            self.left[key] = (left - 1 if left >= 1 else left, now)
            return 0.0 if left >= 1 else (1 - left) / rate

    def forget_rested(self, now: float) -> None:
        """Forgets the keys that rested a minute: their buckets are full again."""
        self.forgot_at = now
        self.left = {key: (left, at) for key, (left, at) in self.left.items() if now - at < RESTED_S}

    def clear(self) -> None:
        with self.lock:
            self.left.clear()


_buckets = Buckets()


def take_rest(key: str, share: float = 1.0) -> float:
    """One request of `key` at the REST door: 0, or the seconds to wait. `share` of a user's allowance."""
    burst, rate = scaled(REST_BURST * share), scaled(REST_PER_SECOND * share)
    return _buckets.take(key, burst, rate, monotonic())


def hold_anonymous(request: Request) -> None:
    """Counts a request without valid credentials. Raises `rate_limited`."""
    if wait := take_rest(f"address:{client_address(request)}", ANONYMOUS_SHARE):
        raise DomainError(Code.RATE_LIMITED, params={"retry_after": wait})


class RestThrottle(BaseThrottle):
    """60 requests at once and 20 a second for a user, half of it for an address without one."""

    def allow_request(self, request: Request, view: Any) -> bool:
        user_id = getattr(request.user, "pk", None)
        if user_id is None:
            self.wait_s = take_rest(f"address:{client_address(request)}", ANONYMOUS_SHARE)
        else:
            self.wait_s = take_rest(f"user:{user_id}")
        return self.wait_s == 0

    def wait(self) -> float:
        return self.wait_s


def too_fast(wait_s: float) -> DomainError:
    """`rate_limited` with the whole seconds to wait."""
    return DomainError(Code.RATE_LIMITED, params={"retry_after": max(1, math.ceil(wait_s))})
