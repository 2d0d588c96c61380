"""Channels' layer over Redis, which looks less often whether nothing came.

`channels_redis` asks its connection ten times a second for a message, with a time limit each, which is most of what an idle process
does. A message ends the wait at once in any case, so a longer limit delays nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection

WAIT_S = 5.0


class PatientConnection(RedisSingleShardConnection):
    """The layer's connection to one server. Its receiver waits up to `WAIT_S` for a message."""

    def _ensure_redis(self) -> None:
        known = self._pubsub
        super()._ensure_redis()
        if self._pubsub is not known:
            self._pubsub.get_message = partial(_wait, self._pubsub.get_message)


async def _wait(get_message: Any, *, ignore_subscribe_messages: bool, timeout: float) -> Any:  # noqa: ASYNC109 - redis-py's own name
    return await get_message(ignore_subscribe_messages=ignore_subscribe_messages, timeout=max(timeout, WAIT_S))


class PatientChannelLayer(RedisPubSubChannelLayer):
    """The channel layer of the settings."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], PatientConnection):
            layer._shards = [PatientConnection(shard.host, layer) for shard in layer._shards]
        return layer
