"""People who haggle whatever happens to the servers: they reconnect, resume and send again what has no reply.

What they keep is what a real client would: the entries they were told, and the commands that were acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

AGAIN = ("unavailable", "command.outcome_unknown", "command.in_progress", "rate_limited")
# A command is answered, or its connection ends, within this time, whatever is down.
ANSWER_S = 10.0
# A person thinks up to so long before each move; without it four pairs keep a machine so busy that the servers that start
# meanwhile take several times as long.
THOUGHT_S = 0.08
PATIENCE_S = 90.0


class Refused(Exception):
    """A command was refused for good."""


class Person:
    """One user with one tab. `addresses` are the hubs that should be there now."""

    def __init__(self, token: str, addresses: Callable[[], list[str]], seed: int) -> None:
        self.token = token
        self.addresses = addresses
        self.chance = random.Random(seed)
        self.socket: ClientConnection | None = None
        self.reading: asyncio.Task[None] | None = None
        self.replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.log: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.topics: set[int] = set()
        self.news = asyncio.Condition()
        self.connecting = asyncio.Lock()
        self.connections = 0
        self.slowest = 0.0
        self.seen_codes: Counter[str] = Counter()
        self.notifications: set[int] = set()

    # -- the connection ----------------------------------------------------------------------------------------------

    async def connected(self) -> ClientConnection:
        """A live connection with all topics joined again from where the log ends here."""
        async with self.connecting, asyncio.timeout(PATIENCE_S):
            while self.socket is None:
                try:
                    await self.open()
                except (OSError, WebSocketException, TimeoutError):
                    await self.drop()
                    await asyncio.sleep(self.chance.uniform(0.05, 0.3))
            return self.socket

    async def open(self) -> None:
        headers = {"Authorization": f"Token {self.token}"}
        address = self.chance.choice(self.addresses())
        socket = await self.dial(address, additional_headers=headers)
        try:
            async with asyncio.timeout(ANSWER_S):
                assert json.loads(await socket.recv())["type"] == "welcome"
        except BaseException:
            await socket.close()
            raise
        self.socket, self.connections = socket, self.connections + 1
        self.reading = asyncio.create_task(self.read(socket))
        for topic in tuple(self.topics):
            await self.catch_up(socket, topic)

    async def dial(self, address: str, **options: Any) -> ClientConnection:
        return await connect(
            address, **{"compression": None, "open_timeout": 5, "max_queue": None, "max_size": None} | options
        )

    async def catch_up(self, socket: ClientConnection, topic: int) -> None:
        """Joins until the last page."""
        more = True
        while more:
            after = max(self.log[topic], default=0)
            page = await self.ask(socket, uuid.uuid4().hex, "negotiation.join", negotiation=topic, after_seq=after)
            if not page["ok"]:
                raise TimeoutError(page["error"]["code"])
            for entry in page["data"]["entries"]:
                self.log[topic][entry["seq"]] = entry
            more = page["data"]["more"]
        await self.tell()

    async def read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                await self.hear(json.loads(text))
        except WebSocketException:
            pass
        finally:
            if self.socket is socket:
                self.socket = None
            for future in self.replies.values():
                if not future.done():
                    future.set_exception(ConnectionError())
            await self.tell()

    async def hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "reply" and (future := self.replies.get(frame["id"])) and not future.done():
            future.set_result(frame)
        elif frame["type"] == "entry":
            self.log[frame["negotiation"]][frame["seq"]] = frame
            await self.tell()
        elif frame["type"] == "notification":
            self.notifications.add(frame["id"])

    async def tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def drop(self) -> None:
        """Breaks the connection off."""
        socket, self.socket = self.socket, None
        if socket is not None:
            socket.transport.abort()
        if self.reading is not None:
            await asyncio.wait([self.reading], timeout=5)

    # -- commands ----------------------------------------------------------------------------------------------------

    async def ask(self, socket: ClientConnection, id: str, type: str, **fields: Any) -> dict[str, Any]:
        """One attempt. Raises ConnectionError, TimeoutError."""
        future = self.replies[id] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        try:
            await socket.send(json.dumps({"id": id, "type": type, **fields}, ensure_ascii=False))
            async with asyncio.timeout(ANSWER_S + 5):
                return await future
        except WebSocketException as error:
            raise ConnectionError from error
        finally:
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.replies.pop(id, None)

    async def do(self, type: str, **fields: Any) -> dict[str, Any]:
        """A command until it has its outcome, always under the same id. Raises Refused."""
        id = uuid.uuid4().hex
        async with asyncio.timeout(PATIENCE_S):
            while True:
                socket = await self.connected()
                try:
                    reply = await self.ask(socket, id, type, **fields)
                except (OSError, TimeoutError):
                    await self.drop()
                    continue
                if reply["ok"]:
                    return reply["data"]
                code = reply["error"]["code"]
                self.seen_codes[code] += 1
                if code not in AGAIN:
                    raise Refused(code)
                await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    async def until(self, topic: int, seq: int, within: float = PATIENCE_S) -> None:
        """Until the log up to `seq` has come, by itself or after a reconnect."""
        async with asyncio.timeout(within):
            while set(range(1, seq + 1)) - set(self.log[topic]):
                await self.connected()
                async with self.news:
                    try:
                        await asyncio.wait_for(self.news.wait(), 1)
                    except TimeoutError:
                        continue


@dataclass
class Game:
    """A pair that opens, haggles, chats and agrees, over and over."""

    guest: Person
    host: Person
    property: int
    nightly: float
    seed: int
    acknowledged: list[tuple[int, int, str]] = field(default_factory=list)
    messages: Counter[int] = field(default_factory=Counter)
    offers: Counter[int] = field(default_factory=Counter)
    agreed: list[int] = field(default_factory=list)
    slots: int = 0

    async def play(self, goes_on: Callable[[], bool]) -> None:
        while goes_on():
            await self.round()

    async def round(self) -> None:
        """One negotiation from its opening to the agreement."""
        start = date.today() + timedelta(30 + 4 * self.slots)
        self.slots += 1
        snapshot = await self.guest.do(
            "negotiation.open", property=self.property, start_date=start.isoformat(),
            end_date=(start + timedelta(3)).isoformat(), guests=1, booking_type="stay", amount=self.price(0.5),
        )  # fmt: skip
        id = snapshot["id"]
        self.offers[id] += 1
        for person in (self.guest, self.host):
            person.topics.add(id)
            page = await person.do("negotiation.join", negotiation=id, after_seq=0)
            person.log[id] |= {entry["seq"]: entry for entry in page["entries"]}
        await self.move(self.host, "offer.make", id, amount=self.price(0.95))
        await asyncio.gather(self.chat(self.host, id), self.chat(self.guest, id))
        bid = await self.move(self.guest, "offer.make", id, amount=self.price(0.7))
        await self.move(self.host, "offer.accept", id, offer=bid["offer"]["id"])
        self.agreed.append(id)

    async def chat(self, person: Person, id: int) -> None:
        for number in range(2):
            await self.move(person, "message.send", id, text=f"message {number}")

    async def move(self, person: Person, type: str, id: int, **fields: Any) -> dict[str, Any]:
        await asyncio.sleep(person.chance.uniform(0, THOUGHT_S))
        data = await person.do(type, negotiation=id, **fields)
        self.acknowledged.append((id, data["seq"], type))
        self.messages[id] += type == "message.send"
        self.offers[id] += type == "offer.make"
        return data

    def price(self, share: float) -> str:
        return f"{self.nightly * 3 * share:.2f}"
