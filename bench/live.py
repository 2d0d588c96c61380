"""The scenarios over the socket. Each gets a Stage and returns its figures."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.client import Client, Refused, clock
from bench.figures import cpu_between, cpu_seconds, quantiles, resident_kb
from bench.play import Pair, Stage, limited, open_room

Figures = dict[str, Any]
LONGEST_S = 120
OFFERS_EACH = 5


@dataclass
class Game:
    """A running negotiation. The number of offers made so far says whose turn it is."""

    pair: Pair
    guest: Client
    host: Client
    id: int
    seq: int
    moves: int = 0

    async def move(self) -> float:
        """Makes one offer. Returns the time when the other side received it."""
        host_moves = self.moves % 2 == 0
        who, other = (self.host, self.guest) if host_moves else (self.guest, self.host)
        amount = self.pair.ask(self.moves // 2) if host_moves else self.pair.bid(self.moves // 2 + 1)
        self.moves += 1
        self.seq += 1
        arrival = other.entry(self.id, self.seq)
        reply = who.call("offer.make", negotiation=self.id, amount=amount)
        received, _ = await asyncio.wait_for(arrival, LONGEST_S)
        await reply
        return received

    @property
    def is_spent(self) -> bool:
        """Whether both sides have made all their offers."""
        return self.moves >= 2 * OFFERS_EACH - 1


async def start(stage: Stage, pair: Pair, sockets: tuple[Client, Client], slot: int) -> Game:
    snapshot = await open_room(*sockets, pair, slot)
    return Game(pair, *sockets, snapshot["id"], snapshot["last_seq"])


async def haggle(stage: Stage, *, pairs: int = 40, warm: float = 2, seconds: float = 8) -> Figures:
    """Runs a closed loop: each pair opens, counters until its offers are used up, declines and opens again."""
    chosen = stage.pairs[:pairs]
    sockets = [await stage.both(pair) for pair in chosen]
    latency: list[float] = []
    begin = clock() + warm
    end = begin + seconds

    async def play(pair: Pair, guest: Client, host: Client) -> None:
        while clock() < end:
            game = await start(stage, pair, (guest, host), 0)
            while not game.is_spent and clock() < end:
                sent = clock()
                received = await game.move()
                if begin < sent < end:
                    latency.append(received - sent)
            await decline(game)

    games = asyncio.gather(*(play(p, *s) for p, s in zip(chosen, sockets, strict=True)))
    await asyncio.sleep(warm)
    before = cpu_seconds(stage.watch)
    await asyncio.sleep(seconds)
    used = cpu_between(before, cpu_seconds(stage.watch))
    await asyncio.wait_for(games, LONGEST_S)
    return {"offers_s": round(len(latency) / seconds, 1), **quantiles(latency), **of_one_offer(used, len(latency))}


def of_one_offer(used: dict[str, float], offers: int) -> Figures:
    """Returns the CPU of one offer, and the whole CPU."""
    each = 1000 / max(1, offers)
    return {
        "server_ms_per_offer": round(used["server"] * each, 3),
        "postgres_ms_per_offer": round(used["postgres"] * each, 3),
        "cpu_s": used,
    }


async def decline(game: Game) -> None:
    """Ends a game: the side whose turn it is declines."""
    guest_answers = game.moves % 2 == 1
    who = game.guest if guest_answers else game.host
    snapshot = (await who.call("negotiation.join", negotiation=game.id, after_seq=game.seq))["negotiation"]
    await who.call("offer.decline", negotiation=game.id, offer=snapshot["standing_offer"]["id"])


async def push(stage: Stage, *, rate: int = 400, pairs: int = 500, seconds: float = 8, slot: int = 4) -> Figures:
    """Runs an open loop: offers at a fixed rate over many pairs. Latency runs from the due time to the other's receipt."""
    chosen = stage.pairs[:pairs]
    sockets = await limited(stage.both(pair) for pair in chosen)
    games = await limited(start(stage, p, s, slot) for p, s in zip(chosen, sockets, strict=True))
    latency: list[float] = []
    late = Counter[str]()
    busy: set[int] = set()

    async def move(game: Game, due: float) -> None:
        if game.id in busy:
            late["overrun"] += 1
            return
        busy.add(game.id)
        latency.append(await game.move() - due)
        busy.discard(game.id)

    before, tasks, zero = cpu_seconds(stage.watch), [], clock() + 0.1
    for i in range(int(rate * seconds)):
        due = zero + i / rate
        if (wait := due - clock()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(move(games[i % len(games)], due)))
    await asyncio.wait_for(asyncio.gather(*tasks), LONGEST_S)
    return {
        "delivered_pct": round(100 * len(latency) / len(tasks), 1),
        **quantiles(latency),
        **of_one_offer(cpu_between(before, cpu_seconds(stage.watch)), len(latency)),
    }


async def ping(stage: Stage, *, sockets: int = 100, seconds: float = 4) -> Figures:
    """Measures a command that needs no database: each socket sends the next one when it has the last reply."""
    clients = await limited(stage.connect(pair.guest_token) for pair in stage.pairs[:sockets])
    done, before, end = 0, cpu_seconds(stage.watch), clock() + seconds

    async def play(client: Client) -> None:
        nonlocal done
        while clock() < end:
            await client.call("ping")
            done += 1

    await asyncio.wait_for(asyncio.gather(*(play(client) for client in clients)), LONGEST_S)
    used = cpu_between(before, cpu_seconds(stage.watch))
    return {
        "commands_s": round(done / seconds),
        "server_us_per_command": round(used["server"] * 1e6 / done, 1),
        "cpu_s": used,
    }


async def accept(stage: Stage, *, properties: int = 300) -> Figures:
    """Accepts negotiations on as many properties at one instant. Latency counts until the guest receives the news."""
    chosen = stage.pairs[:properties]
    sockets = await limited(stage.both(pair) for pair in chosen)
    rooms = await limited(open_room(*s, p, 2) for p, s in zip(chosen, sockets, strict=True))
    latency: list[float] = []

    async def one(guest: Client, host: Client, room: dict[str, Any]) -> None:
        arrival, sent = guest.entry(room["id"], room["last_seq"] + 1), clock()
        await host.call("offer.accept", negotiation=room["id"], offer=room["standing_offer"]["id"])
        received, entry = await arrival
        if entry["kind"] != "offer.accepted":
            raise Refused(entry["kind"])
        latency.append(received - sent)

    began = clock()
    work = asyncio.gather(*(one(*s, room) for s, room in zip(sockets, rooms, strict=True)))
    await asyncio.wait_for(work, LONGEST_S)
    return {"accepts_s": round(len(latency) / (clock() - began), 1), **quantiles(latency)}


async def rivals(stage: Stage, *, guests: int = 50) -> Figures:
    """Lets many guests accept the same nights of one property at one instant: one wins, and all receive the news."""
    chosen = stage.pairs[:guests]
    home = chosen[0]
    host = await stage.connect(home.host_token)
    clients = await limited(stage.connect(pair.guest_token, i) for i, pair in enumerate(chosen))
    rooms = await limited(open_room(client, host, home, 3) for client in clients)
    asks = [(await host.call("offer.make", negotiation=r["id"], amount=home.ask(0)))["offer"]["id"] for r in rooms]
    last = [client.entry(room["id"], room["last_seq"] + 2) for client, room in zip(clients, rooms, strict=True)]
    await asyncio.sleep(0.3)
    began = clock()
    work = [
        client.call("offer.accept", negotiation=room["id"], offer=ask)
        for client, room, ask in zip(clients, rooms, asks, strict=True)
    ]
    replies = await asyncio.wait_for(asyncio.gather(*work, return_exceptions=True), LONGEST_S)
    ends = await asyncio.wait_for(asyncio.gather(*last), LONGEST_S)
    winners = sum(isinstance(reply, dict) for reply in replies)
    if winners != 1:
        raise Refused(f"{winners} winners")
    return {"all_told_ms": round(1000 * (max(at for at, _ in ends) - began), 1)}


async def idle(stage: Stage, *, sockets: int = 2000, cycles: int = 10_000) -> Figures:
    """Measures the memory of an idle socket in one negotiation, connects a second, and what many connects leave behind."""
    pairs = stage.pairs[: sockets // 2]
    few = await limited(stage.both(pair) for pair in pairs[:25])
    await limited(open_room(*s, p, 7) for p, s in zip(pairs[:25], few, strict=True))
    await stage.hang_up()
    await asyncio.sleep(2)
    base = resident_kb(stage.watch["server"])
    began = clock()
    both = await limited((stage.both(pair) for pair in pairs), 16)
    took = clock() - began
    await limited(open_room(*s, p, 8) for p, s in zip(pairs, both, strict=True))
    await asyncio.sleep(2)
    full = resident_kb(stage.watch["server"])
    await stage.hang_up()
    await asyncio.sleep(2)
    before = resident_kb(stage.watch["server"])
    await come_and_go(stage, pairs, cycles // 2)
    half = resident_kb(stage.watch["server"])
    await come_and_go(stage, pairs, cycles - cycles // 2)
    after = resident_kb(stage.watch["server"])
    return {
        "kb_per_socket": round((full - base) / (2 * len(pairs)), 1),
        "connects_s": round(2 * len(pairs) / took),
        "grown_by_cycles_pct": round(100 * (after - before) / before, 2),
        "grown_by_second_half_pct": round(100 * (after - half) / half, 2),
    }


async def come_and_go(stage: Stage, pairs: Sequence[Pair], cycles: int) -> None:
    """Opens and closes `cycles` sockets."""
    for i in range(0, cycles, 200):
        await limited(stage.connect(pairs[(i + n) % len(pairs)].guest_token) for n in range(200))
        await stage.hang_up()


async def reconnect(stage: Stage, *, sockets: int = 5000, within: float = 30) -> Figures:
    """Measures how long it takes until all sockets of a dead hub have reconnected to another and joined their negotiation."""
    pairs = stage.pairs[: sockets // 2]
    both = await limited(stage.both(pair) for pair in pairs)
    rooms = await limited(open_room(*s, p, 9) for p, s in zip(pairs, both, strict=True))
    await stage.hang_up()
    tokens = [
        (token, room) for pair, room in zip(pairs, rooms, strict=True) for token in (pair.guest_token, pair.host_token)
    ]
    took: list[float] = []
    began = clock()

    async def back(token: str, room: dict[str, Any]) -> None:
        client = await stage.connect(token)
        await client.call("negotiation.join", negotiation=room["id"], after_seq=room["last_seq"])
        took.append(clock() - began)

    await asyncio.wait_for(limited((back(*each) for each in tokens), 500), 4 * within)
    if len(took) != len(tokens):
        raise Refused(f"{len(tokens) - len(took)} did not come back")
    return {"all_back_s": round(max(took), 2), **quantiles(took)}
