"""How often a property's page was looked at, counted in the broker and carried into the table now and then.

A view costs one increment in memory, no write to the database. With the broker down a process counts by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import datetime

import redis
from django.conf import settings
from django.db import connection, transaction

from core.broker import open_broker

log = logging.getLogger(__name__)

TIMEOUT_S = 0.3
# A broker that did not answer is not asked again for so long.
REST_S = 5.0
LOCK = 0x5357_4945  # one process at a time carries views over
UPSERT = """
INSERT INTO properties_dayviews (property_id, date, count)
SELECT v.property_id, v.date, v.count
  FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS v(property_id, date, count)
  JOIN properties_property p ON p.id = v.property_id
ON CONFLICT (property_id, date) DO UPDATE SET count = properties_dayviews.count + excluded.count
"""


class ViewCounts:
    """The counts that are not in the table yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.local: Counter[str] = Counter()
        self.rests_until = 0.0
        self._client: redis.Redis | None = None

    @property
    def client(self) -> redis.Redis:
        if self._client is None:
            self._client = open_broker(TIMEOUT_S, decode_responses=True)
        return self._client

    @property
    def key(self) -> str:
        return f"{settings.CHANNEL_PREFIX}:views"

    def add(self, field: str) -> None:
        if time.monotonic() >= self.rests_until:
            try:
                self.client.hincrby(self.key, field, 1)
                return
            except redis.RedisError:
                self.rests_until = time.monotonic() + REST_S
        with self.lock:
            self.local[field] += 1

    def drain(self) -> Counter[str]:
        """The counts so far; the caller calls `forget` once they are committed to the table."""
        with self.lock:
            counts, self.local = self.local, Counter()
        try:
            if not self.client.exists(self._draining) and self.client.exists(self.key):
                self.client.rename(self.key, self._draining)
            stored = self.client.hgetall(self._draining)
        except redis.RedisError:
            stored = {}
        counts.update({str(field): int(count) for field, count in stored.items()})
        return counts

    def forget(self) -> None:
        try:
            self.client.delete(self._draining)
        except redis.RedisError:
            log.warning("views may be counted twice: the broker went away after they were stored")

    @property
    def _draining(self) -> str:
        return f"{self.key}:draining"


_counts = ViewCounts()


def count_view(property_id: int, now: datetime) -> None:
    """Counts a view of a property's page. Never fails."""
    _counts.add(f"{property_id}:{now.date().isoformat()}")


def store_views(now: datetime) -> int:
    """Carries what was counted into the table. Returns how many rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        counts = _counts.drain()
        rows = [(*field.split(":"), count) for field, count in sorted(counts.items())]
        if rows:
            ids, days, numbers = zip(*rows, strict=True)
            cursor.execute(UPSERT, [list(map(int, ids)), list(days), list(numbers)])
            transaction.on_commit(_counts.forget)
    return len(rows)
