"""Somebody who reads too slowly while others talk a lot, and what everybody else notices of it: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from typing import Any

from websockets.asyncio.client import ClientConnection

from tests.hub.crowd import Person
from tests.hub.metrics import metrics
from tests.hub.world import World
from tests.servers import ServerProcess

TOO_SLOW = 'hub_ws_closed_total{code="4408"}'
# What others are told reaches them, and their commands are answered, within this time. Who had to wait for the sluggard
# would wait until that one is cut off, fifteen seconds.
FELT_S = 5.0
MOST_MESSAGES = 3000
AT_ONCE = 50
NEVER_S = 3600.0


class Sluggard(Person):
    """Takes `awake` entries like anybody, then one every `pace_s` seconds, until it is told to hurry."""

    def __init__(self, token: str, hub: ServerProcess, chance: random.Random) -> None:
        super().__init__(token, lambda: [hub.ws_url], chance.getrandbits(32))
        self.awake = chance.choice((0, 0, chance.randint(1, 100)))
        self.pace_s = chance.choice((NEVER_S, NEVER_S, chance.uniform(0.05, 0.5)))
        self.hurry = asyncio.Event()
        self.codes: list[int | None] = []

    async def dial(self, address: str, **options: Any) -> ClientConnection:
        """With a small buffer, and a library that takes nothing off it while a frame is unread."""
        tcp = socket.socket()
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        host, port = address.split("/")[2].split(":")
        tcp.connect((host, int(port)))
        return await super().dial(address, **options | {"sock": tcp, "max_queue": 1})

    async def hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "entry" and not self.hurry.is_set():
            self.awake -= 1
            if self.awake < 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.hurry.wait(), self.pace_s)
        await super().hear(frame)

    async def read(self, socket: ClientConnection) -> None:
        await super().read(socket)
        self.codes.append(socket.close_code)


class Flood:
    """A pair with much to say, the guest's slow tab, others who follow, and another pair that minds its own business."""

    def __init__(self, world: World, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.hub = chance.choice(world.hubs)
        self.game, self.elsewhere = world.games(2, seed)
        tokens = (self.game.guest.token, self.game.host.token)
        self.followers = [
            Person(chance.choice(tokens), world.addresses, chance.getrandbits(32)) for _ in range(chance.randint(1, 5))
        ]
        self.slow = Sluggard(self.game.guest.token, self.hub, chance)

    @property
    def listeners(self) -> list[Person]:
        return [*self.followers, self.game.guest, self.game.host]

    @property
    def others(self) -> list[Person]:
        return [*self.listeners, self.elsewhere.guest, self.elsewhere.host]

    async def play(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            await self.game.round()
        for person in (self.slow, *self.followers):
            person.topics |= {*self.game.agreed}
            await person.connected()
        over = asyncio.Event()
        chatting = asyncio.create_task(self.mind_own_business(over))
        try:
            await self.choke()
            await self.read_to_the_end()
        finally:
            over.set()
            await chatting
        await self.come_back()

    async def mind_own_business(self, over: asyncio.Event) -> None:
        await self.elsewhere.round()
        (topic,) = self.elsewhere.agreed
        while not over.is_set():
            await asyncio.gather(
                *(self.elsewhere.chat(one, topic) for one in (self.elsewhere.guest, self.elsewhere.host))
            )

    async def choke(self) -> None:
        """Talks until the hub has had enough of the one who does not listen; everybody else has heard it all."""
        before, said = await self.cut(), 0
        while await self.cut() == before:
            assert said < MOST_MESSAGES, "a queue grows without a limit"
            await asyncio.gather(*(self.say() for _ in range(AT_ONCE)))
            await self.told_everything(*self.listeners, within=FELT_S)
            said += AT_ONCE

    async def told_everything(self, *people: Person, within: float) -> None:
        last: dict[int, int] = {}
        for topic, seq, _ in self.game.acknowledged:
            last[topic] = max(seq, last.get(topic, 0))
        await asyncio.gather(*(one.until(topic, last[topic], within) for one in people for topic in last))

    async def cut(self) -> float:
        return (await asyncio.to_thread(metrics, self.hub.ws_url)).get(TOO_SLOW, 0.0)

    async def say(self) -> None:
        speaker = self.chance.choice(self.listeners)
        text = self.chance.choice("é住🙂") * self.chance.randint(1500, 2000)
        await self.game.move(speaker, "message.send", self.chance.choice(self.game.agreed), text=text)

    async def read_to_the_end(self) -> None:
        """What came before the close is whole, and the close says why."""
        self.slow.hurry.set()
        assert self.slow.reading is not None
        await asyncio.wait_for(self.slow.reading, 30)
        assert self.slow.codes == [4408]
        for topic in self.game.agreed:
            assert sorted(self.slow.log[topic]) == [*range(1, len(self.slow.log[topic]) + 1)]

    async def come_back(self) -> None:
        """Everybody ends with the full log, the slow one by a second connection."""
        await self.told_everything(self.slow, *self.listeners, within=30)
        for person in (self.slow, *self.others):
            await person.drop()

    def check(self) -> None:
        assert self.slow.connections == 2
        for person in (self.slow, *self.followers):
            assert person.log == self.game.host.log
        for person in self.others:
            assert person.connections == 1
            assert person.slowest < FELT_S
