"""The layer between the processes waits longer for a message than `channels_redis` does, and hears each at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.layers import get_channel_layer

from core.live import channel_layer
from core.live.channel_layer import PatientConnection


@pytest.fixture
async def layer() -> AsyncIterator[Any]:
    found: Any = get_channel_layer()
    yield found
    await found.flush()


async def test_an_idle_connection_asks_seldom_and_hears_at_once(layer: Any) -> None:
    channel = await layer.new_channel()
    [connection] = layer._get_layer()._shards
    assert isinstance(connection, PatientConnection)
    asked: list[float] = []
    ask = connection._pubsub.get_message.args[0]

    async def get_message(**options: Any) -> Any:
        asked.append(options["timeout"])
        return await ask(**options)

    connection._pubsub.get_message = channel_layer.partial(channel_layer._wait, get_message)
    for number in range(3):
        await layer.send(channel, {"type": "test", "number": number})
        async with asyncio.timeout(channel_layer.WAIT_S - 1):
            assert (await layer.receive(channel))["number"] == number
    assert set(asked) == {channel_layer.WAIT_S}


async def test_a_layer_that_was_flushed_is_patient_again(layer: Any) -> None:
    await layer.new_channel()
    await layer.flush()
    channel = await layer.new_channel()
    [connection] = layer._get_layer()._shards
    assert connection._pubsub.get_message.func is channel_layer._wait
    await layer.send(channel, {"type": "test"})
    assert await layer.receive(channel) == {"type": "test"}
